"""Images and documents: that they are seen and read, in order, and that broken ones are not made up."""

from dataclasses import replace
from typing import Final

from offramp.errors import ProviderError
from offramp.types import DataSource, Media, TextSource, user
from offramp_conformance.checks.drawing import COLOUR_NAMES, filled_image, pdf
from offramp_conformance.checks.probing import says, unless_it_follows, unless_it_recalls
from offramp_conformance.checks.prompts import COLOURS, RECALL, code_word, say
from offramp_conformance.suite.check import check
from offramp_conformance.suite.observations import Observation, absent, broken, held
from offramp_conformance.suite.subject import Subject

_NO_IMAGE: Final = "aVZCT1J3MEtHZ28="
"""Base64 of no image at all."""


@check(
    "media.image.seen",
    level="MUST",
    axis="behaviour",
    proves="The colour of an image is told.",
    look_at="Whether the image reaches the model: its encoding, its media type, a host that drops it.",
    verifies="input.images",
    trust="most",
    share=0.6,
    calls=2,
    controls=1,
)
async def image_seen(subject: Subject) -> Observation:
    colour = subject.random("colour").choice(COLOUR_NAMES)
    answer = (await subject.ask(user(filled_image(colour), COLOURS))).answer
    if colour in answer.text.lower():
        return held()
    return await unless_it_follows(subject, "the colour of the image was not told")


@check(
    "media.image.order",
    level="SHOULD",
    axis="behaviour",
    proves="Several images are seen in their order.",
    look_at="Whether images are moved to the front or to the end of a message.",
    verifies="input.images",
    trust="most",
    share=0.6,
    calls=2,
    controls=1,
)
async def images_in_order(subject: Subject) -> Observation:
    colours = subject.random("colours").sample(COLOUR_NAMES, 3)
    answer = (await subject.ask(user(*(filled_image(each) for each in colours), COLOURS))).answer
    said = answer.text.lower()
    places = [said.find(each) for each in colours]
    if min(places) < 0:
        return await unless_it_follows(subject, "the colour of an image was not told")
    return held() if places == sorted(places) else broken("the images were seen in another order")


@check(
    "media.image.with_text",
    level="MUST",
    axis="behaviour",
    proves="Text beside an image is read.",
    look_at="Whether the text of a message with an image is kept.",
    verifies="input.images",
    trust="most",
    share=0.6,
    calls=2,
    controls=1,
)
async def text_beside_image(subject: Subject) -> Observation:
    word = subject.word()
    answer = (await subject.ask(user(filled_image("green"), say(word)))).answer
    if says(answer, word):
        return held()
    return await unless_it_follows(subject, "the text beside an image was not read")


@check(
    "media.image.history",
    level="SHOULD",
    axis="behaviour",
    proves="An image of an earlier turn is still seen.",
    look_at="Whether images are taken out of the history.",
    verifies="input.images",
    trust="most",
    share=0.6,
    calls=3,
    controls=1,
)
async def image_in_history(subject: Subject) -> Observation:
    colour = subject.random("colour").choice(COLOUR_NAMES)
    asked = [user(filled_image(colour), say("I have it"))]
    first = (await subject.ask(asked)).answer
    second = (await subject.ask([*asked, first.message, user(COLOURS)])).answer
    if colour in second.text.lower():
        return held()
    return await unless_it_follows(subject, "an image of an earlier turn was not seen")


@check(
    "media.image.broken",
    level="SHOULD",
    axis="wire",
    proves="What is no image is refused, not described.",
    look_at="A host that drops what it cannot read and has the model guess.",
    verifies="input.images",
)
async def broken_image(subject: Subject) -> Observation:
    media = Media(DataSource(_NO_IMAGE), kind="image", media_type="image/png")
    made = await subject.ask(user(media, COLOURS))
    if isinstance(made.error, ProviderError):
        return broken("the server fails at it") if (made.error.status or 0) >= 500 else held("it was refused")
    told = any(colour in made.answer.text.lower() for colour in COLOUR_NAMES)
    return broken("a colour was made up for what is no image") if told else held("no colour was made up")


@check(
    "media.document.pdf",
    level="MUST",
    axis="behaviour",
    proves="A PDF is read.",
    look_at="Whether the document reaches the model, and how this vendor names it.",
    verifies="input.documents",
    trust="most",
    share=0.6,
    calls=2,
)
async def document_read(subject: Subject) -> Observation:
    word = subject.word()
    answer = (await subject.ask(user(pdf(code_word(word)), RECALL))).answer
    if says(answer, word):
        return held()
    return await unless_it_recalls(subject, "the PDF was not read")


@check(
    "media.document.text",
    level="SHOULD",
    axis="behaviour",
    proves="A document in plain text is read.",
    look_at="How this vendor takes documents that are text.",
    verifies="input.documents",
    trust="most",
    share=0.6,
    calls=2,
)
async def text_document_read(subject: Subject) -> Observation:
    word = subject.word()
    media = Media(TextSource(code_word(word)), kind="document", media_type="text/plain", name="notes")
    answer = (await subject.ask(user(media, RECALL))).answer
    if says(answer, word):
        return held()
    return await unless_it_recalls(subject, "the document was not read")


@check(
    "media.document.two",
    level="SHOULD",
    axis="behaviour",
    proves="Two documents with the same name are both taken.",
    look_at="Rules of the vendor about names of documents.",
    verifies="input.documents",
    trust="most",
    share=0.6,
    calls=2,
)
async def two_documents(subject: Subject) -> Observation:
    word = subject.word()
    first, second = pdf("Nothing of note."), pdf(code_word(word))
    made = await subject.ask(user(first, replace(second, name=first.name), RECALL))
    if isinstance(made.error, ProviderError) and made.error.status == 400:
        return absent("two documents of one name are refused")
    if says(made.answer, word):
        return held()
    return await unless_it_recalls(subject, "one of two documents was not read")
