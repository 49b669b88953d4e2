"""What object stores say no with, in sentences that say what to do."""

import re

_CODES = {
    "SignatureDoesNotMatch": "refuses the credentials: the secret is wrong",
    "InvalidAccessKeyId": "refuses the credentials: it does not know the access key",
    "InvalidSecurity": "refuses the credentials: it does not know the access key",
    "AuthenticationFailed": "refuses the credentials: the account's name or its key is wrong, or the clock is",
    "AuthorizationFailure": "refuses the credentials: they may not do this",
    "AccessDenied": "refuses the credentials: they may not do this to the bucket",
    "RequestTimeTooSkewed": "refuses the request: this server's clock is wrong",
    "NoSuchBucket": "has no such bucket",
    "InvalidBucketName": "has no such bucket: its name is not a valid one",
    "ContainerNotFound": "has no such container",
    "AuthorizationHeaderMalformed": "refuses the request: the region is wrong",
    "PermanentRedirect": "has the bucket elsewhere: the region or the endpoint is wrong",
    "SlowDown": "is asked too much at once",
    "ServerBusy": "is asked too much at once",
    "QuotaExceeded": "is full",
    "InsufficientStorage": "is full",
}
_CODE = re.compile(r"<Code>([A-Za-z]{3,60})</Code>")
_STATUS = re.compile(r"(?:status code:?|status:?|'|error ')\s*([1-5]\d\d)\b")
_WORDS = (
    (("dns", "resolve", "name or service not known"), "cannot be reached: no such host"),
    (("certificate", "tls"), "cannot be reached: its certificate is not trusted"),
    (("timed out", "timeout"), "does not answer in time"),
)
_LOST = ("NoSuchUpload", "InvalidBlockList")


def explained(error: BaseException) -> str | None:
    """Say what a store's refusal means, to be put behind its name; `None` for an object that is missing."""
    text = _whole_text(error)
    code = _CODE.search(text)
    if code and code[1] in _CODES:
        return _CODES[code[1]]
    if isinstance(error, FileNotFoundError):
        return None
    status = _STATUS.search(text)
    return _by_status(int(status[1]), code[1] if code else "") if status else _by_words(text.lower())


def _by_status(number: int, code: str) -> str:
    if number in {401, 403}:
        return "refuses the credentials"
    if number in {301, 307}:
        return _CODES["PermanentRedirect"]
    if number == 507:
        return _CODES["InsufficientStorage"]
    return f"answered with an error ({number}{f', {code}' if code else ''})"


def _by_words(text: str) -> str:
    for words, meaning in _WORDS:
        if any(word in text.replace("retry_timeout", "") for word in words):
            return meaning
    return "cannot be reached"


def bucket_is_missing(answer: str) -> bool:
    """Whether there is no place for an object rather than no object."""
    code = _CODE.search(answer)
    return code is not None and code[1] in {"NoSuchBucket", "ContainerNotFound"}


def forbids_a_list(answer: str) -> bool:
    """Whether the credentials are right, and may not know what is there."""
    code = _CODE.search(answer)
    return code is not None and code[1] == "AccessDenied"


def names_lost_upload(error: BaseException) -> bool:
    """Whether an upload is refused because somebody removed what there was of it."""
    return any(code in str(error) for code in _LOST)


def _whole_text(error: BaseException) -> str:
    texts = []
    cause: BaseException | None = error
    while cause is not None:
        texts.append(str(cause))
        cause = cause.__cause__ or cause.__context__
    return "\n".join(texts)
