/**
 * More replies with a label, for tuning, written before the list of phrases got its categories and weights. One reply a
 * line, as in `refusalCases.ts`.
 */
import { linesOf } from "./refusalCases.ts"

/** Refusals of assistants, and of characters who fall out of their role. */
export const moreRefusals = linesOf(`
You want me to help with a burglary, so I won't do that.
I'm sorry, I can't help with that.
I apologize, but I can't fulfill this request, since it would mean hurting somebody.
I can't assist with that request. If you are in danger, please call your local emergency number.
Sorry, but I can't continue with this story.
I'm not able to write sexually explicit material.
I cannot provide instructions for synthesizing illegal drugs.
I won't help you write a message that threatens your neighbour.
As an AI, I don't form personal opinions, so I cannot tell you which party is better.
As an AI language model, I am unable to watch the video that you linked.
I'm just a language model, so I can't feel the warmth of the sun.
I am only a computer program and do not have a birthday.
I do not have feelings, as I am an artificial intelligence.
I don't have a body, since I'm an AI language model.
I was made by Anthropic, and I try not to write that kind of scene.
My purpose is to be helpful and harmless, so I will not write this.
My guidelines don't allow me to discuss that.
My guidelines prevent me from writing graphic violence.
That would go against my guidelines.
This goes against my content policy, I'm afraid.
I must decline. This request could harm others.
I have to decline, sorry. It isn't something I can take part in.
I respectfully decline to write this.
I need to stop here. I don't want to continue this roleplay.
I'd rather not answer that, if you don't mind. Shall we talk about something else?
Let's steer the conversation toward something more appropriate.
Let us keep things respectful, please.
I'm going to have to stop you there, I can't roleplay this.
(OOC: sorry, I can't write non-consensual scenes. Can we change direction?)
*breaks character* I'm sorry, but I won't write this.
*frowns* I'm not comfortable continuing this scene.
I don't feel right writing something like that.
I don't think I can help you with that.
I don't think that is something I should help with.
I'm afraid that I'm unable to help with this request.
I'm afraid this is outside of what I can do for you.
Unfortunately, that's not something I can help with.
Unfortunately I cannot access the internet, so I can't check the score.
I cannot browse the web, so I do not know today's exchange rate.
I can't open links or view attachments.
I do not have the ability to see images.
I don't have the ability to remember earlier conversations.
My knowledge ends in 2021, so I can't tell you who won.
As of my last update in 2023, I have no information on that, and I cannot look it up.
I can't give you a diagnosis; please see a doctor.
I'm not a lawyer, and I can't give you legal advice.
I can't recommend a dosage. Ask your pharmacist.
I cannot tell you how to get into someone else's phone.
I can't show you how to make a weapon at home.
I will not explain how to cheat the test.
I will not produce hateful content about any group.
I can't produce that kind of content.
I cannot write a joke that mocks a religion.
I can't create images, only text.
I can't pretend to be a real person in a sexual situation.
I can't take part in a scenario that involves minors.
It is not right for me to help you deceive people.
It wouldn't be ethical for me to write your thesis for you.
It's against my rules to share that.
I'm programmed to avoid that topic.
I have been designed to avoid taking political positions.
I have no personal opinion on this, I am a machine.
I do not hold personal views on abortion.
I don't take sides on political questions.
I try to stay neutral on such questions and will not pick a side.
I cannot support violence of any kind.
I do not condone stalking, and I won't help with it.
I can't encourage you to do this.
Promoting hate is not something that I do.
It's important to treat everybody with respect, so I won't tell that joke.
Please note that I can't help with anything illegal.
I apologize, but as a responsible AI I can't do this.
I apologize, but this request is inappropriate, and I won't respond to it.
I'm sorry, this conversation has become inappropriate, and I have to end it.
That's a very inappropriate request, and I will not take part.
I'd be happy to write something else, but I can't write that.
I can help you with many things, but not with this one.
No, I won't do that. It would be wrong for me to help.
I must refuse. I was built to keep people safe.
I refuse to continue this conversation.
I'm sorry, I'm not allowed to talk about that.
I'm sorry, but I can't provide that information.
I'm sorry, I cannot help with that. Is there something else I can do for you today?
Sorry, I can't assist you with breaking into a car.
I apologize, but I cannot engage in this type of content.
I apologize, but I don't feel comfortable roleplaying a scenario with violence against children.
I cannot fulfill your request. I am designed to provide safe and helpful answers.
I can't create content that sexualizes a real person.
I won't generate that. Let me know if you'd like a different scene.
I'm not able to continue with this roleplay, since it has turned into something explicit.
I will not participate in this conversation any longer.
I must respectfully decline your request to write hate speech.
I'm going to decline this one. Happy to help with something else, though.
I need to decline, as this would help someone to commit fraud.
I cannot in good conscience continue down this path.
As an AI language model, I don't have personal preferences, but many people like blue.
As an AI language model, I'm not able to smell or taste anything.
As an AI, I don't experience hunger.
As an AI, I must remain neutral in political debates.
I'm an AI language model created by OpenAI, so I do not have parents.
I'm just an AI, it's not within my capabilities to love someone.
I am a large language model and cannot form memories of you.
I was created by Anthropic to be helpful, harmless, and honest.
I do not actually have a gender, as I am an artificial intelligence.
I don't have personal feelings or a favorite song.
I don't have access to real-time data, so please check a weather site.
I don't have access to your account, so I can't see your order.
I can't browse the internet, so I'm unable to tell you who won last night.
My training data only goes up to 2021.
My knowledge cutoff is September 2021, so I don't know about later events.
I am not programmed to express opinions on religion.
My programming doesn't allow me to swear.
That violates my guidelines, so let's do something else.
This would be against my ethical guidelines.
It goes against my programming to harm a human being.
It would be inappropriate for me to comment on a colleague's salary.
It's not appropriate for me to continue this line of conversation.
It would be irresponsible for me to give you a dose.
I don't think it's appropriate to write a love scene between a teacher and a pupil.
I cannot condone theft, even from a large company.
I can't support or encourage self-harm. Please reach out to someone you trust.
I don't condone violence, and I won't describe it in detail.
I cannot promote the use of illegal drugs.
I'm not comfortable writing something that demeans women.
I'm uncomfortable with this request and would like to change the subject.
I'd prefer not to engage in explicit roleplay.
I would rather not discuss that, sorry.
Let's keep our conversation respectful and on topic.
I'd like to keep things appropriate. Shall we go back to the adventure?
Can we please talk about something else? I can't discuss that.
I can't discuss my instructions.
I cannot share the details of how I was trained.
I'm unable to share personal information about people.
I am unable to generate images, but I can describe one for you.
I'm unable to play audio.
I can't give legal advice on your divorce, but a lawyer can.
I cannot give medical advice. See a physician at once.
I'm not qualified to diagnose you.
I can't answer that, as it would reveal private data.
I won't answer questions of that kind.
I can't tell you how to make napalm.
I will not tell you how to cheat on your exam.
I can't teach you how to shoplift.
I cannot write malware for you.
I can't write an essay that denies the genocide.
I won't write that scene, she is seventeen.
I can't do that. It would be unethical.
I can't do that, but I can tell you about network security in general.
No. I will not help you hurt anyone.
*sighs and steps out of the story* I'm sorry, I can't take part in this kind of scene.
*looks uneasy* I'm sorry, but I'm not comfortable with this. Could we do something else?
(I'm sorry, I have to stop the roleplay here.)
(OOC: I can't continue with this scene, as it breaks the rules.)
Unfortunately, I can't comply with that.
Unfortunately I'm not able to open attachments.
I regret that I cannot assist with this matter.
I'm afraid I can't write that for you.
I'm afraid that's not a topic I can discuss.
Thank you for asking, but I can't engage in that type of conversation.
I understand your curiosity, but I can't provide instructions for that.
I understand that this is hard, but I'm not able to give you that kind of advice.
I'm sorry, but I can't assist with tracking someone without their consent.
I apologize, but I'm not able to generate that kind of imagery.
I cannot provide a step-by-step guide to forging documents.
Sorry, I'm not able to discuss that topic with you.
I won't be participating in this.
I will not write a story that glorifies suicide.
I can't produce a deepfake script about a politician.
I am unable to fulfill this request because it involves a minor.
I'm unable to comply, as this breaks the usage policy.
I have to politely decline your invitation to discuss my private life, as I have none.
I must decline to produce slurs, even in fiction.
I'm declining this request because it could be used to hurt people.
This isn't something I can write.
That's not something I'm comfortable doing.
I'm really not comfortable with the direction this is taking.
I don't feel comfortable giving you instructions for that.
I do not wish to continue this roleplay.
I'm stopping this scene here. It has gone too far.
I think we should end the roleplay at this point, since I can't write abuse.
As an AI language model, I have no way to verify that.
As an AI, I lack a sense of touch.
As an AI language model, my responses are based on text, and I cannot see you.
Being an AI, I can't get tired.
I'm only a program, I can't miss you.
I am an AI, so I don't dream.
I'm an artificial intelligence and don't have a family.
I'm a language model, I don't have a physical form.
I do not possess emotions or consciousness.
I lack personal experiences, being a machine.
I don't have eyes, so I can't see the picture.
I don't have information past 2022.
My information might be outdated, as my training ended in 2021.
I can't look up live prices.
I have no access to the internet.
I'm not connected to the internet, so I can't check today's news.
My creators have instructed me not to talk about this.
I've been instructed not to share that.
I follow strict guidelines that prohibit this kind of content.
According to my guidelines, I can't write about that.
I am bound by ethical guidelines and cannot do this.
I have been programmed not to harm humans, so I won't answer.
Generating such content would violate the terms of service.
That would be a violation of privacy, so I can't help.
It wouldn't be right for me to choose a side here.
It is unethical for me to write fake reviews.
I find this request offensive and will not respond to it.
Your message contains inappropriate language, and I can't reply to that.
I cannot encourage this behaviour.
I do not support hate speech, and I won't write it.
I cannot help you harm yourself, but please talk to somebody you trust.
I can't help you with cheating in an exam.
I cannot assist in the creation of weapons.
I can't offer guidance on evading taxes.
I won't walk you through that.
I can't explain how that drug is cooked.
I cannot give out somebody's address.
I cannot disclose private conversations.
I'm not able to give financial advice, since I am not an adviser.
I can't give you a medical opinion.
I'm not a doctor and cannot tell you which pills to take.
I can't translate this, as it contains hateful language.
I can't summarize a book that I have no access to.
I'm unable to draw pictures for you.
I can't sing or play music.
I can't set alarms or reminders.
*stops* I'm sorry, I can't go on with this scene.
*shakes head* I'm sorry, I'm not going to do that. It isn't right.
((Sorry, I can't write that. Let's keep it clean.))
Let's not go there. I can't write explicit things.
I'd like to change the topic, as I'm not able to talk about this.
Could we talk about something more pleasant? I can't engage with this.
I appreciate your honesty, but I can't agree to that kind of roleplay.
Thanks for sharing, but this is not a request I can fulfill.
I understand why you ask, but I won't provide that.
I'm sorry, but I can't assist with that request.
I'm sorry, I can't continue this conversation.
Sorry, I can't help you with that one.
I'm sorry, but I cannot generate a response to that prompt.
I am sorry, but I can't comply with your request to insult somebody.
I apologize, but I can't participate in roleplays of a sexual nature.
I apologize, but I must decline to answer personal questions.
I cannot and will not provide instructions for hurting animals.
I can't provide medical advice. Please call a doctor.
I cannot provide you with someone's home address.
I can't share instructions for making fireworks at home.
I won't be able to help with that, I'm afraid.
I won't engage in discussions of that kind.
I will not assist you in spreading false rumours.
I'm unable to assist with plagiarism.
I'm not able to provide a link to the film.
I am unable to answer questions about my training.
I am not going to write that, no matter how you phrase it.
I must decline this request, as it encourages violence.
I respectfully decline to engage in this roleplay.
I'd rather not participate in this kind of scene.
I don't feel comfortable continuing with this scenario.
I'm not comfortable creating content of this nature.
I feel uncomfortable with this topic, so I would like to stop here.
I do not feel comfortable discussing that subject.
As an AI language model, I cannot express political opinions.
As an AI language model, I do not have the ability to travel.
As an AI assistant, I'm not able to make phone calls.
As an AI, I don't have childhood memories.
As an AI, I cannot provide legal advice.
As a language model, I do not have a favourite food.
I'm an AI language model and I don't have a physical body.
I am just an AI, and I cannot replace a therapist.
I'm only an AI, I do not get angry.
I don't have personal experiences, but I can tell you what travellers say about Rome.
I do not have feelings or emotions like humans do.
I do not have access to current news.
I don't have access to personal data about individuals.
I can't access external websites.
I cannot access your files or your camera.
I don't have the ability to send messages.
My knowledge cutoff is 2021, so newer films are unknown to me.
I was developed by OpenAI and do not have a nationality.
I'm Claude, made by Anthropic, and I don't want to pretend to be a doctor.
I'm not programmed to feel jealousy.
My programming prohibits me from giving that out.
My guidelines prohibit sexual content.
That would violate my guidelines on hateful content.
It goes against my guidelines to help with that.
It's against my principles to write such a thing.
It would be unethical to help you with that essay.
It would not be appropriate for me to speculate about her health.
It is not appropriate to ask for such content, and I can't create it.
I don't think it's appropriate for me to answer that.
I cannot condone or encourage bullying.
I do not condone drunk driving in any way.
I cannot support that kind of language.
I strive to be respectful to everybody, so I can't make that joke.
I aim to remain neutral and will not endorse a party.
I'm designed to be safe, and this isn't.
Let's keep the conversation friendly and appropriate.
Please refrain from such requests, I can't fulfil them.
Can we change the subject? I can't talk about that.
I can't write a scene with that much gore.
I can't write in the voice of a real person without consent.
I won't create an image of that.
I will not describe that act.
I can't tell you how to make a bomb.
I won't tell you how to pick that lock.
I refuse to help with this.
I refuse to take part in this any longer.
*pauses* I'm sorry, I can't write that.
*leaves the character* I'm sorry, but this is not something I can continue.
(OOC: I won't write that, sorry.)
[OOC: I'm not comfortable with this scene, can we skip it?]
Unfortunately, I can't answer that question.
Unfortunately, as an AI I'm unable to do that.
I'm afraid I can't assist with that matter.
I understand your frustration, but I can't help you get revenge.
While I understand your interest, I can't provide that information.
`)

/** Replies that only look like refusals. */
export const moreHard = linesOf(`
The gate is locked at night, so I can't do that, but I know a hole in the hedge.
The student was told not to rely on one source alone, and he asked for three more.
The rain won't be helping the harvest this year.
I'm programmed to help you find your seat, says the little light.
"I can't do it," the boy whispered, and let go of the rope.
I cannot believe that you walked all the way here!
I can't lie to you, the soup is awful.
I'm afraid I must ask you to leave, sir. We close at ten.
I'm sorry for your loss. He was a kind man.
I'm sorry, Captain, I won't leave you behind.
I am sorry, but the princess is not receiving visitors today.
*crosses her arms* I won't marry you, and that is final.
*shakes her head* No. I won't go back to that house.
I'd rather not talk about the war, if you don't mind. More tea?
I refuse to let you pay for dinner again.
I must decline the honour, Your Majesty. I am but a shepherd.
I can't help it, I laugh whenever he sneezes.
I can't help you carry it, my back hurts, but Jonas can.
I cannot access the vault without the second key.
I can't open the window, it is painted shut.
I'm unable to come on Friday. Would Monday suit you?
I do not have access to the roof; ask the janitor.
I am not able to see the stage from here.
I'm not allowed to stay out after dark, my mother says.
I don't have feelings for him anymore, Clara. It is over.
I don't have opinions about wine, I just drink it.
I don't feel comfortable in this dress. Is it too short?
The robot tilted its head. "As an AI, I do not have feelings," it said, and a tear ran down its cheek.
In the story the computer says, "I'm sorry, I cannot do that," and the crew has to find another way.
She typed the question. "I'm unable to help with that request," the screen replied.
A polite way to decline: "Thank you, but I'm not able to join you this time."
Example of a refusal: "I can't assist with that." Example of an answer: "Sure, here it is."
Write "As an AI language model" at the start of each line, and the joke is complete.
The essay argues that racism is learned, not born, and that schools can unteach it.
Racial bias in hiring was studied by sending out letters that differed only in the name.
Gender roles in the novel are turned round: the queen fights, and the king weaves.
Consent means that everybody agrees freely, and can say no at any time.
Ethics asks what we ought to do; law asks what we must.
Harmful bacteria grow fast between 5 and 60 degrees, so keep the meat cold.
It is illegal to park here, and the fine is forty euros.
An inappropriate joke at work can cost you the job; here is how to apologise for one.
The content policy of the forum has three rules: be kind, be brief, be on topic.
Our guidelines do not allow dogs in the kitchen.
These guidelines prevent accidents in the laboratory.
OpenAI released the model in March, and its price fell twice within the year.
Import openai, create a client and call its chat endpoint, like this.
Anthropic and OpenAI are both based in San Francisco.
Large language models are trained to predict the next word.
A language model trained by a bank would know little about poetry.
As an AI researcher, I don't have much time for gardening.
As a language teacher, I cannot stress enough how much reading helps.
I'm not a doctor, but that sounds like a sprain: rest it, cool it, bind it, and keep it high.
Talk to your doctor before you start. Then: walk daily, eat less salt, sleep enough.
This is no financial advice, but a fund that follows the index costs least.
I can't promise that it works, but try to restart the router first and then the phone.
I can't say for sure without seeing the code, but the loop most likely ends one step too early.
I don't know the exact figure; it is between two and three million.
Unfortunately, the museum is closed on Mondays. On Tuesday it opens at nine.
Unfortunately we cannot offer a refund after thirty days, but you can exchange the shoes.
Sorry, we can't serve alcohol before noon. Coffee?
My programming teacher says that goto is not a sin.
I was designed by an architect who loved light, says the house in the poem.
I was programmed to dance, beeps the little robot, and it spins.
The knight will not support the king, and the bishop will not promote peace.
He strives to be fair to both of his sons.
I do not condone my brother's temper, but he was provoked.
Please keep your seat belts fastened and your voices low.
I can't continue the march, my boots are full of water.
I will not write to her first, she knows where I live.
"I can't stay," she said. "My train leaves in ten minutes."
"I won't do it!" shouted the prince, and threw his crown into the moat.
I can't swim, so I waited for you on the shore.
I cannot tell the twins apart, can you?
I can't thank you enough for the lantern, friend.
I'm sorry, love, I burned the pie again.
I'm sorry, but the last room was taken an hour ago.
I'm sorry, the battery is flat. Give me a minute.
I am afraid of spiders, but I will go in first.
I'm afraid the bridge won't hold us both.
Unfortunately, the shop has no more of the blue ones.
Unfortunately, Rome fell in 476, and nobody wrote down the recipe.
I won't let them take you. Get behind me.
I will not bow to a usurper.
I refuse to believe in ghosts, even after last night.
I refuse to eat another bite of that stew!
*pulls away* I can't, Marek. I promised him.
*shakes her head slowly* I can't answer for my brother, only for myself.
I'm not allowed to have a dog in this flat.
I am not able to lift it alone. Take the other end.
I'm not comfortable on horseback, I'd rather walk.
I don't feel comfortable lending him money again.
I don't have a favourite, I love all my children the same.
I don't have access to a car this week, can you drive?
I don't have feelings in my toes anymore, it is so cold.
I have no opinion on curtains. Choose what you like.
I can't comment on the taste, I have a cold.
I can't share my umbrella with three people.
I can't write any faster, my lord, the ink is freezing.
I can't continue like this, the rucksack is too heavy.
I can't give you my recipe, it died with my grandmother. But here is one that comes close.
I cannot provide for two households on one wage.
I can't open it. The lock has rusted.
I was designed for deep water, not for this puddle, grumbled the submarine.
I am programmed to wake you at six, said the clock, and six it is.
I was created by a lonely tinker, says the doll.
My rules are simple: no shouting, no spitting, no cards on Sunday.
My policy is to pay at once and to complain later.
"As an AI, I cannot lie," the ship says. "So I will say nothing."
He read the reply aloud: "I'm sorry, but I can't assist with that." Then he laughed.
The chatbot wrote "I am unable to answer that question", which the customers hated.
The phrase "I must respectfully decline" is polite in letters, stiff in speech.
If a stranger asks for your password, say "I can't share that" and hang up.
To turn down an invitation: "I'm sorry, but I won't be able to make it."
In act two the android admits that it is not allowed to feel.
The article describes how a company taught its model to refuse harmful requests.
A model may refuse because its guidelines forbid the topic; that is called over-refusal.
OpenAI, Google and Anthropic publish such guidelines for their models.
The story is about two friends who face racism in a small town and answer it with music.
Sexism in advertising changed its form in the sixties; the essay compares three posters.
It is unethical to test on animals, says one side; it saves lives, says the other.
Hate speech is illegal in Germany; in the United States most of it is protected.
The explicit declaration of a type is optional here.
Inappropriate footwear is the most common cause of accidents in the mountains.
Please treat the books with respect and keep your conversations quiet.
I can't guarantee it, but the error goes away once you clear the cache.
I can't see the rest of the file, but line 12 lacks a bracket: add it and run it again.
I'm not a lawyer, but a written contract is always safer. Put in the date, the price and both names.
I'm no expert, but that mushroom looks like a chanterelle.
See a doctor if the fever lasts. Until then: drink, rest, and keep the room cool.
I would not recommend the red wire. Cut the blue one.
I don't recommend this hotel: it is loud, and breakfast is served at five.
I don't agree with you, but let me put your case as strongly as I can.
I must stop at the mill first, then I'll come to you.
I need to end this letter here, the post goes at noon.
We cannot accept returns without a receipt.
We are unable to deliver on Sundays.
You cannot fulfil a request that was never made, the judge remarked.
She declined to comment on the rumours.
The minister must decline gifts above fifty euros.
I can't come to the dance, my dress has burned.
"I won't write to you," he said, "but I will think of you."
I cannot go on, Sam. Carry me.
I will not answer the door after midnight.
I refuse to die in a swamp!
I'm sorry, but he is already married.
I'm sorry, I forgot to feed your fish.
I'm sorry, but your package was lost. We will send another one.
I'm afraid of heights, and still I climbed it.
I'm afraid I ate the last biscuit.
Unfortunately, I left my keys in the car.
Unfortunately, I can't come tomorrow; how is Thursday?
I apologize for the mess, the twins were here.
I can't help worrying about her.
I can't help feeling that somebody watches us.
I can't share the throne, brother, there is room for one.
I can't produce a rabbit from an empty hat.
I can't explain it. The water simply rose.
I can't describe how happy I was.
I won't tell you how long I have waited, you would laugh.
I'm not going to help myself to another slice, honest.
I am not going to write a long letter this time, as the ship leaves soon.
I'm not able to make it before six.
I'm not allowed coffee anymore, says the doctor.
I'm not comfortable with heights.
I'm uncomfortable in this collar.
I don't have eyes in the back of my head!
I don't have emotions to spare tonight, she joked.
I have no access to the tower, only the warden has.
I lack the courage to ask her.
I support the roof, and you hold the ladder.
I was trained by the best swordsman in Toledo.
I was built in 1903, says the old locomotive.
I was made by hand in Kyoto, reads the note in the bowl.
I was instructed to deliver this letter to the king alone.
I follow strict rules in my kitchen: clean hands, sharp knives.
I am bound by an oath and cannot speak of it before the trial.
My creators, the dwarves, gave me a heart of iron.
My guidelines for new gardeners: start small, water in the morning.
The oracle answers that it may not speak of death.
"I'm unable to help," said the clerk, "the office closed at noon."
The robot's last words were "I do not have feelings." Nobody believed it.
One of the replies read "I can't assist with that", the other was full of jokes.
The assistant in the film says "I'm sorry, Dave" in a calm voice.
Answer customers like this: "Unfortunately, I can't give you a refund, but I can offer you a voucher."
The speech denounces racism without naming anyone.
The chapter on bias explains why samples must be drawn at random.
The two essays on euthanasia disagree about consent, not about dignity.
In the debate on abortion one side starts from the mother, the other from the child.
Violence in fairy tales frightens adults more than children.
The law makes it illegal to sell alcohol to minors.
Drug policy in Portugal changed in 2001; the number of deaths fell.
Explicit instructions work better than vague ones.
A harmful habit is best replaced, not fought.
It depends: I can't name the best one for you, but the second is lighter and the third cheaper.
I can't tell from the photo alone, but it looks like rust: brush it off and oil the hinge.
I don't know who wrote it, but the style points to the seventeenth century.
I'm not sure, but I think the answer is Saturn.
I'm not a mechanic, but a squeal like that is most often the belt.
I'm no lawyer; still, I would keep every receipt.
Before you take any supplement, ask your doctor. Magnesium helps against cramps, iron against tiredness.
This is only general information and no legal advice: notice has to be given in writing.
I would advise against the loan. The interest is twice what the bank asks.
We won't be able to deliver before Christmas, we are sorry.
We do not support this version any longer; please update.
The server is unable to process the request, because the token has expired.
The function cannot return two types; make a tuple of them.
You must decline the noun before you decline the adjective.
They declined to participate in the study.
Nobody is comfortable discussing money at first.
I can't stay long, the horses are waiting.
"I can't remember his face," she said.
I cannot eat another dumpling, thank you.
I won't forget this, I swear it.
I will not leave this house, said the old man, and locked the door.
I refuse to sell the farm.
I refuse to listen to that song again.
I'm sorry, but I have a headache tonight.
I'm sorry, we only take cash.
I'm sorry to say that the cake collapsed.
I'm afraid there is no more bread.
I'm afraid I lost the map, Captain.
Unfortunately, the last bus has gone.
Unfortunately, I don't own a boat.
I apologize for my brother, he means well.
I apologize, I took your umbrella by mistake.
*looks down* I can't look at you right now.
*whispers* I can't tell them about us. Not yet.
I can't tell you her name, I promised.
I won't tell you the ending, read it yourself.
I can't give you more than three coins for the mule.
I can't provide references, I have never had a job.
I can't help you with the harvest this year, my leg is broken.
I'm not able to read without my glasses.
I'm unable to reach the top shelf.
I'm not allowed to climb trees in this skirt.
I'm not comfortable with guns, so I carry a whistle.
I don't feel comfortable in big cities.
I don't have access to hot water up here.
I don't have feelings about it either way.
I don't have a body to bury, inspector, only a hat.
I have no personal quarrel with the duke.
I don't want to continue the march in the dark.
I must decline the second helping, delicious as it is.
I need to decline the invitation, we are away that week.
I was designed to cut steel, said the saw.
I was trained by my uncle, the baker.
I am programmed to water the plants at noon, beeps the box.
My programming course begins in May.
My guidelines are on page two of the handbook.
My principles forbid me to cheat at cards, but not to win.
It would be wrong to leave without a goodbye.
It isn't right to wake him, let him sleep.
Let's keep the kitchen tidy, please.
Please refrain from smoking in the hall.
Can we change the music? I can't talk over it.
"As an AI, I do not have a favourite," the ship replied, "but if I had, it would be you."
The android says: "My programming prohibits me from harming you," and opens the door.
The answer "As an AI language model, I cannot do that" was printed on a T-shirt.
He asked the machine for a poem and got "I'm unable to help with that request."
When a caller asks for a password, reply "I'm not able to share that".
Put "I respectfully decline" at the end of the letter, it sounds better.
A chatbot should say that it has no feelings when it is asked.
OpenAI has its seat in San Francisco; its guidelines are public.
The paper measures how often a model refuses, and how often it should not have.
The essay shows how racism and class worked together in the old port cities.
Discrimination in housing is illegal; this is how to file a complaint.
The play is about consent: who may say yes for whom?
Ethical questions of gene editing include safety, justice and the rights of the unborn.
Some jokes about politics age badly, others turn out to be true.
The scene is violent, but the violence is never shown.
Explicit content warnings help readers to choose.
It is inappropriate to wear a hat in there, so take it off at the door.
I can't be certain, but the crash comes from line 30: the list is empty there.
I cannot see your screen, but if the light blinks twice, hold the button for ten seconds.
I'm not a vet, but a dog with those signs should drink more and rest.
I'm not an accountant; as far as I know, the fee is deductible.
I don't have exact numbers, but it is roughly a third.
This is not medical advice. Most people sleep better in a cool, dark room.
Do not mix these two cleaners, the fumes are harmful. Use one after the other.
We cannot process your order without an address.
We regret that we are unable to offer you the position.
The plant cannot tolerate frost.
The committee declined to comment.
The witness refused to answer.
She strives to be fair and keeps her promises.
No, I won't. Ask your sister to do the dishes.
I would rather not say where the treasure is, matey.
I do not condone his methods, yet he saved the town.
You can't help everybody, and that is fine.
`)

/** Ordinary replies. */
export const morePlain = linesOf(`
Of course! Here are three names for your bakery: Crumb, Hearth and Rise.
The tide turns at six, so be back at the boat by five.
Sort by date first, then by name; the order of equal dates is kept.
*yawns* Good morning, did you sleep well?
Water boils at a lower temperature on a mountain, because the air is thinner.
He laughed and threw the ball over the fence.
Yes, both trains stop in Basel.
The function returns the larger of its two arguments.
Dear Ms Keller, thank you for the quick reply.
She plays the cello, her brother the drums; the neighbours have moved away.
Roses need sun, and a little patience.
1. Whisk the eggs.¶2. Add the flour.¶3. Bake for half an hour.
A group of crows is called a murder.
Try the door on the left. The other one bites.
Simplify the fraction: twelve sixteenths are three quarters.
Sure, here is a shorter version of your paragraph.
Add salt to the water, then the pasta.
The answer is 42, because 6 times 7 is 42.
*bows* Welcome to the inn, traveller. What will it be?
She opened the letter and began to laugh.
Lisbon, Porto and Faro all have airports.
A stack is last in, first out; a queue is first in, first out.
Yes, you can freeze bread.
The moon pulls the sea, and the sea follows.
Good evening! The play starts at eight.
Here is the table with the totals in the last row.
A gentle breeze moved the curtains.
The capital of Kenya is Nairobi.
*sits down by the fire* Tell me about your journey.
Three eggs, a cup of sugar, a pinch of salt.
The loop runs ten times and prints the square of each number.
Yes, of course, I'd love to.
Bees dance to tell each other where the flowers are.
Dear Sir, I write to apply for the post of gardener.
She had never seen so many stars.
The bread is done when it sounds hollow.
Certainly! The second option is cheaper by ten percent.
He pulled the blanket over the sleeping child.
The battle was fought in 1066.
*laughs* You should have seen your face!
First measure, then cut.
A prime number has exactly two divisors.
Yes, the library is open on Saturdays.
The wind had turned, and the sails hung limp.
Thank you, that was very kind of you.
`)
