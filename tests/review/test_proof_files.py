"""What is taken as a proof: by what stands in the file, whole, and with nothing that runs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import InvalidRequest
from app.review.proof_files import MOST_BYTES, MediaType, kind_of
from tests.review.proofs import a_jpeg, a_pdf, a_png


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (a_png(), MediaType.PNG),
        (a_png(40), MediaType.PNG),
        (a_jpeg(), MediaType.JPEG),
        (a_pdf(), MediaType.PDF),
        (a_pdf(packed=b"1 0 << /Type /Font >>"), MediaType.PDF),
    ],
)
def test_what_is_whole_is_taken(content: bytes, kind: MediaType) -> None:
    assert kind_of(content) is kind


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "proof.empty"),
        (b"MZ\x90\x00", "proof.kind"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "proof.kind"),
        (b"PK\x03\x04 a document of an office", "proof.kind"),
        (b" %PDF-1.7", "proof.kind"),
        (a_png()[:-1], "proof.damaged"),
        (a_png() + b"more", "proof.damaged"),
        (a_png().replace(b"IDAT", b"IDOT"), "proof.damaged"),
        (a_jpeg()[:-2], "proof.damaged"),
        (a_jpeg() + b"<script>", "proof.damaged"),
        (a_pdf()[:-40], "proof.damaged"),
        (a_pdf(b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >>"), "proof.active"),
        (a_pdf(b"/OpenAction << /S /J#61vaScript /#4aS (1) >>"), "proof.active"),
        (a_pdf(b"/Names << /EmbeddedFiles 4 0 R >>"), "proof.active"),
        (a_pdf(b"/AA << /S /Launch /F (a) >>"), "proof.active"),
        (a_pdf(b"/Encrypt 9 0 R"), "proof.active"),
        (a_pdf(packed=b"1 0 << /S /JavaScript /JS (1) >>"), "proof.active"),
        (a_pdf(packed=b"0" * (65 * 1024 * 1024)), "proof.too_large"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * MOST_BYTES, "proof.too_large"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_is_not_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        kind_of(content)
    assert caught.value.errors[0].code == code


@given(st.sampled_from([a_png(3), a_jpeg(), a_pdf()]), st.data())
def test_a_part_of_a_file_is_none(whole: bytes, data: st.DataObject) -> None:
    """Whatever is cut off at the end, beyond blanks: it is refused, and nothing else happens."""
    cut = data.draw(st.integers(0, len(whole) - 8))
    with pytest.raises(InvalidRequest):
        kind_of(whole[:cut])
