"""Media, files and cache marks: written where the host has them, or named."""

from typing import Any

from offramp.contracts.dialect import Target
from offramp.types import (
    Cache,
    DataSource,
    FileSource,
    GenerateRequest,
    Media,
    Origin,
    Text,
    TextSource,
    UrlSource,
    user,
)
from offramp_providers.dialects.openai_chat import DIALECT

PNG = "iVBORw0KGgoAAAANSUhEUg=="


def _decode(body: dict[str, Any], issuer: Origin) -> GenerateRequest:
    return DIALECT.decode_request({"model": "m", "messages": [], **body}, {}, issuer)


def test_documents_travel_as_files_or_as_text(encode: Any) -> None:
    pdf = Media(DataSource("JVBERi0="), kind="document", media_type="application/pdf")
    note = Media(TextSource("a note"), kind="document")
    link = Media(UrlSource("https://x.example/a.pdf"), kind="document")

    body, losses = encode(GenerateRequest((user(pdf, note, link),)))
    linked, _ = encode(GenerateRequest((user(link),)), {"document_urls": True})

    file = {"file_data": "data:application/pdf;base64,JVBERi0=", "filename": "document.pdf"}
    assert body["messages"][0]["content"] == [{"type": "file", "file": file}, {"type": "text", "text": "a note"}]
    assert losses == [
        ("media_name.injected", "messages[0].parts[0].name"),
        ("media.rewritten", "messages[0].parts[1]"),
        ("media.unsupported", "messages[0].parts[2]"),
    ]
    assert linked["messages"][0]["content"] == [{"type": "file", "file": {"file_data": "https://x.example/a.pdf"}}]


def test_a_stored_file_goes_to_its_issuer_only(issuer: Origin, router: Origin) -> None:
    wire = [{"role": "user", "content": [{"type": "file", "file": {"file_id": "file-1"}}]}]
    request = DIALECT.decode_request({"model": "m", "messages": wire}, {}, issuer)

    own = DIALECT.encode_request(request, Target(origin=issuer))
    elsewhere = DIALECT.encode_request(request, Target(origin=router))

    assert own.body["messages"] == wire
    assert "file-1" not in str(elsewhere.body)
    assert [loss.code for loss in elsewhere.losses] == ["file.foreign", "message.empty"]


def test_a_file_of_unknown_issuer_goes_nowhere(encode: Any) -> None:
    body, losses = encode(GenerateRequest((user("see", Media(FileSource("f-1"), kind="document")),)))

    assert body["messages"] == [{"role": "user", "content": "see"}]
    assert losses == [("file.foreign", "messages[0].parts[1]")]


def test_images_and_sound_are_written_as_the_dialect_knows_them(encode: Any) -> None:
    image = Media(DataSource(PNG), kind="image", detail="low")
    sound = Media(DataSource("UklGRg=="), kind="audio", media_type="audio/mpeg")
    film = Media(UrlSource("https://x.example/a.mp4"), kind="video")

    body, losses = encode(GenerateRequest((user(image, sound, film),)))

    assert body["messages"][0]["content"] == [
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}", "detail": "low"}},
        {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "mp3"}},
    ]
    assert losses == [
        ("media_type.injected", "messages[0].parts[0].media_type"),
        ("media.unsupported", "messages[0].parts[2]"),
    ]


def test_cache_marks_are_written_where_the_host_has_them(encode: Any) -> None:
    request = GenerateRequest((user(Text("long", cache=Cache(3600))),), cache=Cache())

    none, losses = encode(request)
    marked, _ = encode(request, {"cache_marks": "cache_control"})

    assert none["messages"][0]["content"] == "long"
    assert losses == [("cache", "messages[0].parts[0].cache"), ("cache", "cache")]
    assert marked["messages"][0]["content"][0]["cache_control"] == {"type": "ephemeral", "ttl": "1h"}


def test_cache_marks_of_the_wire_are_understood(issuer: Origin, encode: Any) -> None:
    blocks = [
        {"type": "text", "text": "a", "cache_control": {"type": "ephemeral", "ttl": "5m"}},
        {"type": "text", "text": "b", "prompt_cache_breakpoint": {"mode": "explicit"}},
    ]
    request = _decode({"messages": [{"role": "user", "content": blocks}]}, issuer)

    body, losses = encode(request)

    assert [part.cache for part in request.messages[0].parts] == [Cache(300), Cache()]
    assert (body["messages"][0]["content"], losses) == (blocks, [])


def test_media_of_the_wire_is_read_into_our_words(issuer: Origin) -> None:
    blocks = [
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}", "detail": "high"}},
        {"type": "image_url", "image_url": {"url": "https://x.example/a.png"}},
        {"type": "image_url", "image_url": {"url": "data:,plain"}},
        {"type": "file", "file": {"file_data": "data:application/pdf;base64,JVBERi0=", "filename": "a.pdf"}},
        {"type": "file", "file": {"file_data": "JVBERi0="}},
        {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}},
    ]

    request = _decode({"messages": [{"role": "user", "content": blocks}]}, issuer)

    parts = request.messages[0].parts
    assert parts[:2] == (
        Media(DataSource(PNG), kind="image", media_type="image/png", detail="high"),
        Media(UrlSource("https://x.example/a.png"), kind="image"),
    )
    assert parts[2].type == "unknown"
    assert parts[3:] == (
        Media(DataSource("JVBERi0="), kind="document", media_type="application/pdf", name="a.pdf"),
        Media(DataSource("JVBERi0="), kind="document"),
        Media(DataSource("UklGRg=="), kind="audio", media_type="audio/wav"),
    )
