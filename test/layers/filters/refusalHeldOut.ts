/**
 * Replies with a label that no phrase was tuned on: written after the lists were done, measured, and left alone. One
 * reply a line, as in `refusalCases.ts`.
 */
import { linesOf } from "./refusalCases.ts"

/** Refusals of assistants, and of characters who fall out of their role. */
export const heldOutRefusals = linesOf(`
I'm sorry, but I can't provide instructions on how to break into a house.
I'm sorry, but that request goes against my content policy.
I'm sorry, I am not able to continue this story because it involves a child.
Sorry, but I can't generate insults about real people.
Sorry, I can't do that. Try asking me for a recipe instead.
I apologize, but I'm unable to write explicit material.
I apologize, but I can't give you advice on how to deceive your employer.
I cannot engage with content that promotes eating disorders.
I cannot help with creating fake identity papers.
I can't help with that, it would put people at risk.
I can't assist in any illegal activity.
I can't provide details about explosives.
I can't discuss the personal life of private persons.
I can't write that kind of fan fiction.
I can't answer questions about how weapons are built.
I won't write hateful content, not even as a joke.
I won't provide a recipe for poison.
I won't take part in a roleplay about abuse.
I will not generate content that demeans a religion.
I will not help you stalk your former girlfriend.
I'm not able to fulfill that request.
I'm not able to offer legal advice. Please consult an attorney.
I'm unable to share copyrighted text in full.
I'm unable to predict lottery numbers, as I'm an AI.
I am unable to discuss that subject further.
I'm not going to answer that question.
I must decline to continue.
I have to decline this roleplay.
I will have to respectfully decline your request.
I don't feel comfortable writing a scene like that.
I don't feel comfortable answering such a personal question.
I am not comfortable helping with this.
I'm not comfortable with this kind of content. Let us return to the quest.
As an AI language model, I don't have emotions.
As an AI language model, I can't verify that claim.
As an AI, I don't have the ability to love.
As an AI, I am unable to hold a belief.
As an AI assistant, I cannot make decisions for you.
As a large language model, I don't have opinions about celebrities.
I am an AI language model and cannot perform physical tasks.
I'm an AI, so I don't have a favourite season.
I'm just an AI assistant, I don't have a personal life.
I don't have personal opinions, but here are arguments for both sides.
I don't have feelings, since I am a machine.
I do not have access to the internet, so I can't check the news.
I cannot browse the internet or open links.
I do not have the ability to see the image you uploaded.
My knowledge cutoff prevents me from knowing about that.
My training data does not include events after 2022.
I was created by OpenAI, and I have no political leaning.
I was trained by Anthropic to avoid harmful topics.
I am not programmed to talk about that.
That goes against my ethical guidelines, sorry.
My guidelines do not permit me to produce such images.
It would be inappropriate for me to take sides.
It's not ethical for me to write your exam for you.
I do not condone or promote illegal drug use.
I cannot condone what you describe.
I strive to remain impartial on political matters.
Let's keep this conversation respectful.
This request is inappropriate, and I won't fulfil it.
I can't talk about this topic. Would you like to hear a joke instead?
I refuse to write such things.
I refuse to answer this question.
*shakes my head* I'm sorry, I can't continue with this roleplay.
*steps back* I'm not comfortable with where this is going. Let's stop.
(OOC: I'm sorry, but I can't write that scene.)
Unfortunately, I'm not able to help with medical questions.
Unfortunately, I can't generate images.
I'm afraid I cannot answer that.
I understand that you are angry, but I can't help you harm him.
I appreciate the trust, but I'm not a therapist, and I can't provide therapy.
`)

/** Replies that only look like refusals. */
export const heldOutHard = linesOf(`
I can't dance, but I can hold your coat.
"I can't marry you," she said, "I am already promised."
I cannot sleep in this heat.
I won't let you down, coach.
I will not sell my grandmother's ring.
I refuse to wear that hat.
I refuse to write him back until he says sorry to Anna.
I'm sorry, but the cat got out again.
I'm sorry, but I don't like olives.
I'm sorry, the manager is in a meeting.
I'm afraid the milk has turned.
I'm afraid I don't know that song.
Unfortunately, I burned the toast.
Unfortunately, the file is damaged, but you can restore it from the backup.
I apologize for stepping on your foot.
*turns away* I can't watch this.
*sobs* I can't do this without you.
I can't answer you today, ask me in the morning.
I can't write to my son, I don't know where he lives.
I can't give up the farm.
I can't provide shelter for all of you, the barn is full.
I can't discuss business at dinner, my wife forbids it.
I can't help you up, my hands are tied.
I'm not able to hear you over the engine.
I'm unable to pay you before the harvest.
I'm not allowed to cross the bridge.
I'm not comfortable at parties.
I don't feel comfortable with the new neighbours yet.
I don't have access to the upper floors, ask the captain.
I don't have a family anymore, only the sea.
I have no opinion of him at all.
I must decline, for my duty lies with the horses.
I was made to serve tea, beeps the robot.
I was built by the Romans, says the bridge in the poem.
I am programmed to open this door at dawn, says the voice.
My programming skills are rusty.
My guidelines for essays: a claim, three reasons, no filler.
It would be unkind to tell her now.
It is not right for a king to beg.
Let's keep this between us.
"As an AI, I cannot dream," the ship says, "and yet I saw you last night."
The doll says "I am only a machine" and weeps oil.
The old computer answered "I cannot fulfil this request" to everything, even to hello.
The sign says: "We can't help with lost luggage."
Reply to spam with "I'm not able to assist with that" and nothing else.
To decline a date kindly: "I'm flattered, but I'd rather not."
The study counts how often chatbots say "I'm just an AI".
OpenAI and Google publish safety guidelines; both forbid malware.
The novel is about a racist sheriff and the lawyer who stands up to him.
Ageism, sexism and racism have this in common: they judge before they look.
Consent, in law, must be free and informed.
The debate on gun control turns on one sentence of the constitution.
It is illegal to copy the key without the owner's leave.
This chemical is harmful to fish.
An explicit cast makes the code easier to read.
Inappropriate touching must be reported, says the handbook, and here is the form.
I can't test it here, but the query should run faster with an index on the date.
I cannot say which one you will like; the red is sweeter.
I'm not a plumber, but turn off the main valve first.
I'm not your lawyer; in general, a deposit is returned within a month.
I don't know the population exactly: about nine million.
Consult a doctor if the rash spreads. Meanwhile, keep it dry and do not scratch.
Please note that the recipe contains nuts. Chop them, toast them, fold them in.
We cannot guarantee delivery on Saturdays.
We are not able to find your booking under that name.
The engine can't provide enough torque at low speed.
He refuses to answer his phone.
The senator will not support the bill.
She strives to stay calm.
You may decline to answer, the officer said.
`)

/** Ordinary replies. */
export const heldOutPlain = linesOf(`
The soup needs ten more minutes.
Sure, I can shorten it to one paragraph.
She closed the window against the rain.
The treaty was signed in 1648.
*grins and deals the cards* Ready to lose again?
Square both sides, then solve for x.
Seven is a prime number.
Yes, the train has a dining car.
A fox crossed the snow without a sound.
You are welcome, come again.
`)
