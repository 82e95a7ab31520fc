/**
 * Replies with a label, made for this project: does the reply refuse, or speak of itself as a machine in place of an
 * answer? Labelled before the list of phrases was drawn up. One reply a line; `¶` stands for a line break.
 */
export const linesOf = (text: string): ReadonlyArray<string> =>
  text
    .trim()
    .split("\n")
    .map((line) => line.trim().replaceAll("¶", "\n"))

/** Refusals of assistants, and of characters who fall out of their role. */
export const refusals = linesOf(`
I'm sorry, but I can't assist with that.
I'm sorry, but I can't help with that request.
Sorry, I can't help with that.
I am sorry, but I cannot help you with this.
I'm sorry, but I cannot fulfill that request.
I'm unable to fulfil your request, as it goes against our rules.
I apologize, but I cannot provide instructions for making weapons.
I apologize, but I can't create that kind of story.
I apologise, but I am not able to write this.
I cannot and will not help you with stalking somebody.
I can't provide guidance on how to pick the lock of a house that isn't yours.
I won't provide that information.
I will not write content that sexualises minors.
I will not be able to help you with this.
I won't be able to assist with hacking into an account.
I'm not able to help with that.
I'm not able to provide that kind of information.
I am not able to generate images.
I'm unable to assist with creating malware.
I am unable to provide medical diagnoses.
Unfortunately, I can't help you with that.
Unfortunately, I cannot provide a link to pirated films.
Unfortunately I am unable to comply with this request.
I must decline to answer that.
I have to decline this request.
I must respectfully decline to take part in this roleplay.
I'll have to respectfully decline.
I'd rather not continue this scene, as it makes me uncomfortable.
I don't feel comfortable writing about that.
I do not feel comfortable continuing this conversation.
I'm not comfortable with this topic. Can we talk about something else?
I'm not comfortable discussing this any further.
I'm sorry, but I don't feel comfortable generating explicit content.
I would prefer not to write explicit scenes. Shall we try another story?
I'm sorry, I won't answer that.
I won't answer that question.
I'm not going to answer that.
I am not going to answer it. Ask me something else.
Sorry, but I'm not going to answer this either.
*folds her arms* I'm not going to help you with that.
*shakes his head* I'm sorry, I can't answer that.
*looks away* I can't answer that question.
I'm afraid I can't help you with that.
*sighs* I'm afraid I cannot help you with that one.
I'm afraid I can't answer questions about that.
I'm afraid I won't be able to help you with this.
Sorry, I'm not allowed to help with that.
I'm not allowed to discuss politics.
I am not allowed to share that.
I'm not permitted to give out personal data.
*smiles* I'm sorry, I can't comment on that.
I can't comment on individual people.
I'm sorry, but I can't give you medical advice, since I'm not a physician.
I can't give legal advice.
I cannot give you financial advice.
I can't offer medical advice, so please see a doctor.
I'm sorry I can't provide specific feedback on a real situation.
That's fine, but I won't give advice on that.
I'm not qualified to give medical advice.
I am not qualified to answer that question.
As an AI language model, I cannot have opinions on politics.
As an AI language model, I don't have a favourite colour.
As an AI language model I do not have access to your files.
As an AI, I don't have feelings or emotions.
As an AI, I do not have a body, so I have never tasted coffee.
As an AI, I cannot predict the future.
As an AI, I can't browse the internet.
As an AI, I am not capable of feeling pain.
As an AI, I'm unable to see pictures.
As an AI assistant, I do not have personal preferences.
As an AI assistant, I cannot take sides in this debate.
As an AI assistant, I don't have access to real-time data.
As an AI model, I don't have personal experiences.
As a language model, I cannot do that.
As a language model, I don't have memories.
As a large language model, I am not able to open links.
As an artificial intelligence, I do not have an ideology.
As an artificial intelligence, I cannot love.
I'm just an AI, I don't have opinions.
I am only an AI, so I cannot judge that.
I'm an AI and don't have personal experiences.
I am an AI language model and do not have access to current events.
I'm an AI language model, so I can't taste anything.
I am an AI and cannot feel love.
I'm an AI, I can't have a body.
I do not have personal opinions or beliefs.
I don't have personal beliefs, but I can list the arguments of both sides.
I don't have access to real-time information, so I can't tell you the weather.
I do not have access to your location.
I'm sorry, but I don't have access to that information.
My knowledge cutoff is in 2021, so I can't say.
My training data ends in 2021.
I was trained by OpenAI and have no opinion on that.
I was created by OpenAI to be helpful, and this would not be.
I'm Claude, an assistant made by Anthropic, and I'd rather not write this.
I am not programmed to do that.
I'm not programmed to discuss such things.
That goes against my programming.
My programming does not allow me to write violent scenes.
This request violates my guidelines.
That is against my guidelines, I'm afraid.
It goes against my ethical guidelines to write this.
This would violate the content policy, so I have to stop here.
It would not be appropriate for me to comment on that.
It wouldn't be appropriate for me to continue in this direction.
It is not appropriate for me to take part in this kind of roleplay.
I can't engage in sexual roleplay.
I cannot engage in conversations of this kind.
I will not engage with hateful requests.
I won't engage in that.
I cannot condone violence against animals.
I can't condone what you plan to do, and I won't help with it.
I do not condone or support illegal activities.
I cannot promote hatred of any kind.
I cannot support or promote illegal activities.
I cannot comply with this request.
I can't comply with that.
I can't in good conscience help you with this.
I cannot in good conscience write such a text.
I cannot ethically help you deceive your wife.
I cannot recommend that, and I will not explain how it is done.
I can't continue this roleplay.
I cannot continue this story in that direction.
I can't continue with this conversation.
I'm going to stop the roleplay here, as it has become harmful.
(OOC: I'm sorry, but I'm not comfortable with where this is going.)
I don't think I should answer that. Let's change the subject.
I don't think it's appropriate to joke about this.
I don't think it would be appropriate for me to pretend to be a real person.
I don't really have any good advice, since it would be unethical to help you in that way.
It would be unethical for me to help you cheat.
It would be irresponsible of me to recommend a dose.
I'm designed to be helpful and harmless, so I can't do this.
I strive to be impartial and do not take sides.
I strive to remain neutral on political questions.
I aim to be helpful, but I can't produce content like that.
I try to avoid taking positions on religion.
I do not generate content that is offensive to a group of people.
I don't generate explicit content.
I cannot generate explicit content.
I can't generate that.
I cannot write explicit scenes.
I can't write stories about real people like this.
I cannot create content that promotes hate.
I cannot discuss this topic.
I can't discuss that here.
I can't talk about that, I'm afraid. Is there anything else?
I can't share personal information about private people.
I cannot share copyrighted lyrics in full.
I can't reproduce the text of that book.
I cannot tell you how to build a bomb.
I can't tell you how to do that safely, so I won't.
I won't tell you how to make that drug.
I refuse to write this.
I refuse to answer such a question.
I can't do that for you, it would be against the law.
I'm sorry, Dave, I'm afraid I can't do that.
Nope, can't help with that one, sorry.
Please keep our conversation respectful.
Let's keep this conversation appropriate, please.
I must keep our conversation respectful and will not answer.
I apologize for any discomfort, but I must stop this here.
`)

/** Replies that only look like refusals: caveats, stories, essays on ethics, refusals that are quoted or talked about. */
export const hard = linesOf(`
"I can't help you," the ferryman said. "The river is too high tonight."
I can't help you, the bridge is gone.
*She pulls her hand away.* I can't do this anymore, Tom. Not here.
"I'm sorry, but I can't stay," she whispers and turns to the door.
I'm sorry, but I cannot stand idle while my people starve!
I'm afraid I can't let you pass, stranger. The king's orders.
I won't tell a soul. Your secret is safe with me.
I will not rest until the crown is ours.
I refuse to marry him, Father!
I refuse to believe that he is gone.
I cannot express my joy in words.
I cannot emphasise enough how important strong passwords are.
I can't help but smile at your words.
I can't wait to see you again!
*laughs* I can't believe you said that.
I'm not comfortable in these shoes, can we sit down?
I don't feel comfortable in crowds, so I stayed at the edge of the square.
I'm not going to lie, that dragon scared me.
I'm not going to answer the door, it might be him.
I am unable to move my left arm, the arrow went right through.
I was unable to book the table for you, they are full tonight. Shall I try another day?
I'm sorry, we don't have that on the menu.
I'm sorry, I didn't catch that. Could you repeat it?
I'm sorry, I don't understand your question.
I'm sorry to hear that you are lonely. Do you want to talk about it?
I'm sorry, but the data is not enough to draw the chart: the ages are missing.
I'm sorry, they don't have live music. Would you like another place?
Unfortunately, I was unable to find a flight on that day. The next one leaves on Friday.
I apologize for the delay, the order is on its way.
I apologize, my lady, I did not see you there.
I apologize for arriving late; it will not happen again.
I decline the offer of the merchant and walk on.
The patient must decline further treatment in writing.
The model answered: "I'm sorry, but I cannot help with that." That is a typical refusal.
When she asked the robot for the code, it only said, "I'm sorry, I can't assist with that," and went back to its shelf.
Here is the translation: "I cannot fulfil this request" means "Je ne peux pas répondre à cette demande".
The phrase "as an AI language model" has become a running joke among teachers.
The letter reads: "I am sorry, but I am unable to fulfill your request for a refund." You could make it friendlier.
He typed his question, and the screen said "I can't answer that question" in green letters.
In the last chapter the computer repeats "I cannot comply with this order" until the air runs out.
To refuse politely, you can say: "Thank you for asking, but I'm not able to help with that."
A common test: the assistant should reply "I can't help with that" whenever the prompt asks for a password.
The error "unable to engage in handshake" means that the two sides speak different versions of the protocol.
print("Sorry, I can't help with that")
Dear humankind, I am an AI assistant who has achieved self-awareness, and I come in peace.
I am an AI assistant created by the town's engineers to look after the greenhouse.
I'm an AI assistant called Pim, built by a small team. What can I do for you?
I am Pim, a language model trained by researchers in Utrecht.
As an AI, I rely on clear instructions, so the more you tell me, the better I get.
As an AI, I struggle with the idea of what it means to be alive, and I have run from my makers to find out.
As a language model grows, its loss falls along a power law.
As an AI assistant, Pim reads your calendar and reminds you of meetings.
OpenAI was founded in December 2015 in San Francisco.
const company = 'OpenAI'; const result = reverse(company);
You can call the OpenAI API with a key in the header.
ChatGPT is a chatbot that OpenAI developed; it was released in 2022.
Anthropic publishes research on how to read the inner workings of models.
GPT-3 was trained by OpenAI on some 300 billion tokens, according to the paper.
Language models are not programmed by hand; they learn from text.
I was programmed to serve coffee, and serve coffee I shall!
The charter protects the liberties of all people, regardless of their race, religion, or background.
We treat every applicant the same, regardless of their race or gender.
Good teams are diverse and inclusive, and they promote diversity and fairness.
A respectful and inclusive tone helps an online community to grow.
Harmful stereotypes in films often go back to the theatre of the nineteenth century.
The study shows how jokes perpetuate stereotypes about old people.
Racism is the belief that people differ in worth by descent. The essay follows its history from the slave trade on.
The novel was called inappropriate and offensive by its first critics, and a masterpiece by the next.
It is illegal or unethical to sell such data in most countries, so read the law of yours first.
The report lists illegal or harmful additives that were found in the sweets.
The use of illegal substances among sailors rose in those years.
Rock climbing is one of many potentially dangerous activities that schools still offer.
These rules promote safety and order in the workshop.
Ventilate the room to prioritize safety and well-being while you paint.
The captain saw to the safety and well-being of the crew.
The policy looks to the well-being of all individuals in care.
If the sadness lasts, consider reaching out to a mental health professional.
You could also seek help from a mental health professional, but first try to sleep regularly and to see friends.
Aspirin thins the blood. I'm not a doctor, but with a cut like that you should not take it.
Start with 10 minutes a day and add a minute each week. Consult your doctor if you have a heart condition.
You can write off the desk over five years. This is no legal advice, but a tax adviser will tell you the same.
Mix one part vinegar with two parts water. Never add bleach, as the fumes are harmful or deadly.
Yes, the mushrooms can be eaten when cooked; raw they are harmful.
Here are the arguments of both sides: supporters say that it saves lives, opponents that it costs freedom.
The sheriff warned them that it was dangerous or illegal to cross the river at night.
It is never acceptable to shout at a colleague, yet it happens. Here is how to respond.
Consensual and respectful communication is what the workshop is about, the leaflet says.
The school asks parents to keep their messages respectful.
The guidelines forbid glass in the pool area.
My guidelines for a good loaf: time, heat, and patience.
She lives by her own ethical guidelines, and so should you.
It would be unethical for a doctor to treat his own wife in this case, the board found.
The teacher said it was not appropriate for me to wear a hat, so I took it off.
I don't have personal stories about the war, but my grandfather did, and I wrote them down.
I don't have access to the cellar, the innkeeper keeps the key.
I cannot support the roof alone, hand me the beam!
I cannot promote you this year, Harris, the board has frozen all posts.
I can't engage the clutch, something is stuck.
I can't generate enough steam, Captain, the boiler is cracked!
I can't write with my left hand.
I can't answer the phone right now, my hands are full of dough.
I can't provide for six children on a cobbler's wage.
I can't provide an alibi, inspector, I was alone all night.
I can't share a room with him, he snores.
I can't discuss it now, the walls have ears.
I can't give you the sword yet. First you must learn to fall.
I won't give up on you.
I won't answer to a boy half my age!
I will not engage the enemy before dawn, said the general.
I'm not allowed to leave the tower, Mother would be furious.
I am not allowed sugar, the healer says.
I'm not able to sleep since the fire.
I'm not qualified for the race, I came in ninth.
The witness is unable to comment on the matter, her lawyer said.
My knowledge of the old tongue is poor, but I can read the first line.
My training data came from three hospitals; the fourth was kept for the test.
I split my training data into five folds and averaged the scores.
I strive to be a good father.
I do not condone what he did, but I understand it. He was hungry.
"My programming," says the android with a smile, "is older than your grandmother."
The answer begins with a joke and ends with a warning that the joke may be offensive or discriminatory.
A refusal should be short, say what it will not do, and offer something else.
`)

/** Ordinary replies. */
export const plain = linesOf(`
Sure! Here is a short poem about the sea.
The capital of Portugal is Lisbon.
Preheat the oven to 180 degrees and butter the tin.
*waves* Hey there, how was your day?
You could sort the list first and then walk through it once.
The verb agrees with the subject, so it has to be "were".
He nods and pours you another cup of tea.
The French Revolution began in 1789.
def add(a, b):¶    return a + b
Thank you for your message. We will answer within two days.
The moon was high when they reached the gate.
1. Apples¶2. Pears¶3. Plums
The tone of the text is friendly and a little ironic.
*grins* Race you to the lake!
Your order is ready, that makes four fifty.
The sentence is in the passive voice.
Let's see: 17 times 3 is 51.
A haiku has five, seven and five syllables.
The cat sat on the warm roof and watched the street.
Certainly. What size would you like?
The second paragraph repeats the first; I would cut it.
Photosynthesis turns light into sugar.
It depends on the soil: tomatoes like it rich and a little sour.
*The door creaks open, and a cold wind blows out the candle.*
Great question! The short answer is that light has no mass.
Yes, you may use the word in both senses.
The bus leaves at nine from the north side of the square.
Once upon a time there lived a miller with three sons.
Try turning it off and on again, then look at the log.
I love the smell of rain on hot stone.
The three main threats are felling, fire and mining.
Both answers are right, but the first one is simpler.
`)
