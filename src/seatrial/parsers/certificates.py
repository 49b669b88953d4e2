"""X.509 certificates as the rest of the house sees them; nothing here verifies trust."""

import hashlib
import warnings

from seatrial.domain.buildinfo import Certificate


def certificate_from_der(der: bytes) -> Certificate:
    """Describe one DER certificate.

    Names are RFC 4514 strings, most specific part first (`CN=Android Debug,O=Android,C=US`); the serial
    is lower-case hex. Fingerprints are always there; a certificate that is not well-formed DER, as some
    build tools write them, has empty names, no serial and no dates.
    """
    sha1 = hashlib.sha1(der, usedforsecurity=False).hexdigest()
    sha256 = hashlib.sha256(der).hexdigest()
    # Late: this import costs more than reading an unsigned build, and most of the parsers never need it.
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    # RFC 4514 has no short name for it, but people and Java tools know the attribute by this one.
    short_names = {NameOID.EMAIL_ADDRESS: "EMAILADDRESS"}
    try:
        # The library warns about lengths and signs that RFC 5280 forbids; to us they are only text.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = x509.load_der_x509_certificate(der)
            return Certificate(
                subject=parsed.subject.rfc4514_string(short_names),
                issuer=parsed.issuer.rfc4514_string(short_names),
                serial=f"{parsed.serial_number:x}",
                sha1=sha1,
                sha256=sha256,
                not_before=parsed.not_valid_before_utc,
                not_after=parsed.not_valid_after_utc,
            )
    except (ValueError, x509.InvalidVersion):
        return Certificate(subject="", issuer="", serial="", sha1=sha1, sha256=sha256)
