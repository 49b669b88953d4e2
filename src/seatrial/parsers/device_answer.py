"""What an Apple device answers to a profile that asks who it is: a property list in CMS, signed by the device.

Apple describes it in "Over-the-Air Profile Delivery and Configuration" (phase 2): the attributes that the profile asked
for, and its challenge, as `application/pkcs7-signature`.
"""

from collections.abc import Sequence

from seatrial.domain.known_device import PRODUCT_LIMIT, DeviceAnswer, printable
from seatrial.parsers import cms, der
from seatrial.parsers.cms_verification import Unfit, Unknown, check_signer, is_vouched_for
from seatrial.parsers.plist import PlistUnreadable, read_plist, text

WANTED = ("UDID", "PRODUCT", "VERSION", "SERIAL", "CHALLENGE")
MAX_SIGNERS = 3


class DeviceAnswerUnreadable(Exception):
    """Bytes that no device sends; the text says what is wrong with them."""


def read_device_answer(body: bytes, authorities: Sequence[bytes]) -> DeviceAnswer:
    """Read an answer whose signature fits, and say whether one of the authorities vouches for who signed.

    Raises DeviceAnswerUnreadable.
    """
    try:
        block = cms.read_signed_data(body)
        if block.content is None or not 1 <= len(block.signers) <= MAX_SIGNERS:
            raise DeviceAnswerUnreadable("must be a property list in CMS with its signer")
        for signer in block.signers:
            check_signer(signer, block.content)
    except der.DerError:
        raise DeviceAnswerUnreadable("must be CMS signed data (PKCS #7) in DER") from None
    except (Unfit, Unknown) as problem:
        raise DeviceAnswerUnreadable(f"the signature of its CMS {problem}") from None
    try:
        said = {name: text(value) or "" for name, value in read_plist(block.content, WANTED).items()}
    except PlistUnreadable:
        raise DeviceAnswerUnreadable("must hold a property list whose top is a dictionary") from None
    vouched = (is_vouched_for(one.certificate or b"", block.certificates, authorities) for one in block.signers)
    return DeviceAnswer(
        udid=said.get("UDID", ""),
        product=printable(said.get("PRODUCT", ""), PRODUCT_LIMIT),
        os_build=printable(said.get("VERSION", ""), PRODUCT_LIMIT),
        serial=printable(said.get("SERIAL", "")),
        challenge=said.get("CHALLENGE", ""),
        is_proven=bool(authorities) and all(vouched),
    )
