"""Raw bytes to `Mail`: the one entry to reading.

Never raises and never hangs: a step that fails leaves its part of the mail empty and says so in `defects`. Which text
is chosen, who the sender is and what the fields mean is read from the raw bytes; `parts` has the message taken apart.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from mailbot.ingest import limits, parts
from mailbot.ingest.digest import intake_digest
from mailbot.ingest.format import address, body, charset, cms, encoded_word, header
from mailbot.ingest.format.body import Body
from mailbot.ingest.format.leaf import Leaf
from mailbot.ingest.kind import forwarded, origin
from mailbot.ingest.sender import identify, openpgp, spam
from mailbot.ingest.sender.openpgp import KeysOf, no_keys
from mailbot.ingest.text import attribution, enriched, flowed, html, reply
from mailbot.ingest.text.line import Line, plain
from mailbot.mail import Attachment, Authentication, Automatic, Border, Forwarded, Mail, Mailbox

_REFERENCES = 10
#: As many fields, and characters of each, are kept for filters.
_MOST_FIELDS, _FIELD = 200, 1_000
#: As much of a mail over the limits as is shown.
_SHOWN_OF_TOO_MUCH = 64_000

#: What a notice of ours holds: its marker line, and the field by which we know our own mail.
_OURS = (attribution.MARKER.encode(), b"X-Mailbot-Loop:")

#: An attached mail, and how many of them are looked into: with two it is open which one is meant.
_MAIL = "message/rfc822"
_MOST_FORWARDED = 2
#: Bytes of an attached mail that is looked into: a larger one would be in memory once more, part by part.
_LARGEST_FORWARDED = 20_000_000
#: The numbers of the leaves inside an attached mail begin at a multiple of this; no mail has as many parts.
_INSIDE = 10_000

#: Text with commands in it that is neither plain nor HTML.
_MARKED_UP = {"text/enriched": enriched.rendered, "text/richtext": enriched.rich}

#: What encrypted mail is made of, also where a server took its container apart.
_ENCRYPTED = "application/pgp-encrypted"
_PGP_MESSAGE = "-----BEGIN PGP MESSAGE-----"

_T = TypeVar("_T")


def read_mail(
    raw: bytes, *, border: str = "", own_domain: str = "", loop_mark: str = "", keys: KeysOf = no_keys
) -> Mail:
    """Read one mail, and what it passes on.

    `border` is whose word on the sender may be believed, as `Border` writes itself: an authserv-id, or its kind and
    more; "" for nobody's. `loop_mark` is what our own mails carry in X-Mailbot-Loop; `own_domain` stands for it at a
    desk without one. `keys` says which OpenPGP keys an address has.
    """
    mail, tree = _read(raw, border=border, own_domain=own_domain, loop_mark=loop_mark, keys=keys)
    defects: list[str] = []
    if mail.automatic is None and (mail.quoted or any(part.type == _MAIL for part in tree.attachments)):
        mail = _attempt(lambda: replace(mail, **_passed_on(mail, tree, raw)), mail, defects)
    mail = _attempt(lambda: replace(mail, passed_on=forwarded.instead(mail)), mail, defects)
    return replace(mail, defects=tuple(dict.fromkeys((*mail.defects, *defects))))


def _passed_on(mail: Mail, tree: Body, raw: bytes) -> dict[str, Any]:
    """Return the fields of the mail that its attached mails fill: what it passes on, or the report packed into it."""
    attached = _attached(tree)
    if attached and origin.is_around_a_report(header.read(raw), mail.text):
        inner = (_read(part.data)[0].report for part in attached)
        if found := next((one for one in inner if one and one.recipients), None):
            return {"report": found, "automatic": Automatic.REPORT, "answerable": False}
    passed = tuple(_forwarded(mail, attached))
    # A mail that is nothing but another one: that is what a person sees, and no word of it is the sender's own.
    seen = passed[0].text if passed and not mail.text and len(tree.attachments) == 1 else ""
    return {"forwarded": passed} | ({"text": seen, "quoted": seen} if seen else {})


def read_header(raw: bytes) -> Mail:
    """Read the header of a mail alone: who it says it is from, what for, what servers wrote into it."""
    fields = header.read(raw)
    return _with_fields(Mail(digest="", size=len(raw)), fields)


def _read(
    raw: bytes, *, border: str = "", own_domain: str = "", loop_mark: str = "", keys: KeysOf = no_keys
) -> tuple[Mail, Body]:
    """Read one mail; return its parts, too."""
    defects: list[str] = []
    too_much = _attempt(lambda: limits.over_limit(raw), "cannot be measured", defects)
    if too_much:
        defects.append(f"over the limits: {too_much}")
        raw_shown = raw[:_SHOWN_OF_TOO_MUCH]
    else:
        raw_shown = raw
    fields = _attempt(lambda: header.read(raw_shown), header.Header((), 0), defects)
    defects.extend(fields.defects)
    mail = Mail(digest=_attempt(lambda: intake_digest(raw), hashlib.sha256(raw).hexdigest(), defects))
    mail = _attempt(lambda: _with_fields(replace(mail, size=len(raw)), fields), mail, defects)
    if mail.from_ is None and (why := _attempt(lambda: address.why_nobody(fields), "", defects)):
        defects.append(why)
    mail = replace(
        mail,
        authentication=_attempt(lambda: identify.authentication(fields, Border.of(border)), Authentication(), defects),
    )
    tree = Body() if too_much else _attempt(lambda: parts.tree(raw, fields, defects), Body(), defects)
    if not any(part.data.strip() for part in body.leaves(tree)) and not tree.attachments:
        tree = parts.whole(raw_shown, fields)
    mail, tree = _attempt(lambda: _with_signature(mail, tree, raw, fields, keys), (mail, tree), defects)
    mail = _attempt(lambda: _with_body(mail, tree, fields, defects), mail, defects)
    if _attempt(lambda: _is_encrypted(mail, tree), otherwise=False, defects=defects):
        defects.append("encrypted: only who has the key can read it")
    mail = _attempt(
        lambda: origin.written_by(mail, tree, fields, own_domain, loop_mark), replace(mail, answerable=False), defects
    )
    return replace(mail, defects=tuple(dict.fromkeys(defects))), tree


def _attached(tree: Body) -> list[Leaf]:
    """The attached mails that are looked into."""
    found = [part for part in tree.attachments if part.type == _MAIL and len(part.data) <= _LARGEST_FORWARDED]
    return found[:_MOST_FORWARDED]


def _forwarded(mail: Mail, attached: Sequence[Leaf]) -> Iterator[Forwarded]:
    """Yield the mail that stands in the text, and those that are attached, each read as any mail."""
    if mail.quoted and (found := forwarded.inline(mail.text)):
        yield found
    for part in attached:
        inner, _ = _read(part.data)
        first = _INSIDE * (part.index + 1)
        yield Forwarded(
            from_=inner.from_,
            date=inner.date,
            subject=inner.subject,
            text=inner.text,
            message_id=inner.message_id,
            attachments=tuple(replace(one, index=first + one.index) for one in inner.attachments),
            index=part.index,
        )


def leaf(raw: bytes, index: int) -> tuple[Attachment, bytes]:
    """Return an attachment of a mail and its bytes.

    Raises:
        KeyError: the mail has no attachment of that index.
    """
    if limits.over_limit(raw):
        raise KeyError(index)
    outer, inner = divmod(index, _INSIDE)
    if outer:
        attached, data = leaf(leaf(raw, outer - 1)[1], inner)
        return replace(attached, index=index), data
    found = {part.index: part for part in parts.tree(raw, header.read(raw), []).attachments}
    part = found[index]
    return _attachment(part), part.data


def _attempt(step: Callable[[], _T], otherwise: _T, defects: list[str]) -> _T:
    """Do one step of reading; what no step may do is keep the mail from being read."""
    try:
        return step()
    except Exception as fault:  # noqa: BLE001 - whatever a stranger's bytes set off, the mail is still a mail
        defects.append(f"could not be read in full ({type(fault).__name__})")
        return otherwise


def _with_fields(mail: Mail, fields: header.Header) -> Mail:
    return replace(
        mail,
        message_id=header.message_id(fields.only("message-id")),
        in_reply_to=tuple(dict.fromkeys(_ids(fields, "in-reply-to")))[:_REFERENCES],
        references=tuple(dict.fromkeys(_ids(fields, "references")))[-_REFERENCES:],
        subject=next((field.shown for field in fields.all("subject") if field.shown), ""),
        from_=address.single(fields.only("from")),
        reply_to=tuple(dict.fromkeys(box.address for box in _boxes(fields, "reply-to"))),
        to=_boxes(fields, "to"),
        cc=_boxes(fields, "cc"),
        date=header.instant(fields.value("date")),
        spam=spam.verdict(fields),
        fields=tuple((field.name, field.shown[:_FIELD]) for field in fields.fields[:_MOST_FIELDS]),
        languages=tuple(tag for part in fields.value("content-language").split(",")[:20] if (tag := header.word(part))),
    )


def _ids(fields: header.Header, name: str) -> Iterator[str]:
    for field in fields.all(name):
        # Some programs encode a msg-id that is longer than a line, as ours are.
        yield from header.msg_ids(encoded_word.decoded(field.value))


def _boxes(fields: header.Header, name: str) -> tuple[Mailbox, ...]:
    return tuple(box for field in fields.all(name) for box in address.mailboxes(field.value))


def _with_body(mail: Mail, tree: Body, fields: header.Header, defects: list[str]) -> Mail:
    hint = parts.hint(fields)
    read = {part.index for part in tree.shown}
    rendered = {
        part.index: (html.render if part.index in read else html.sanitise)(part.text(hint)[0]) for part in tree.html
    }
    defects.extend(one.defect for one in rendered.values() if one.defect)
    lines: list[Line] = []
    for part in tree.shown:
        text, odd = part.text(hint)
        if odd:
            defects.append(odd)
        if part.index in rendered and not (part.misnamed and not _is_seen(rendered[part.index].lines)):
            lines.extend(rendered[part.index].lines)
        elif part.type in _MARKED_UP:
            lines.extend(plain(_MARKED_UP[part.type](text)))
        else:
            lines.extend(plain(flowed.unflowed(text, delsp=part.delsp) if part.flowed else text))
    split = reply.split(lines)
    new_text = split.new_text
    if any(charset.hides(part.charset) for part in tree.shown):
        defects.append("UTF-7: no command is read in it")
        new_text = _without_commands(new_text)
    kept = [one.html for one in rendered.values() if one.html]
    return replace(
        mail,
        text=_trimmed(lines),
        new_text=new_text,
        quoted=split.quoted,
        signature=split.signature,
        doubted=split.doubted,
        html="\n".join(kept) if kept else None,
        attachments=tuple(_attachment(part) for part in tree.attachments),
    )


def _is_encrypted(mail: Mail, tree: Body) -> bool:
    """Does it hold what only its recipient's key opens (RFC 3156, RFC 9580, RFC 8551)?"""
    leaves = list(body.leaves(tree))
    sealed = any(part.type in body.SMIME and cms.content(part.data) is None for part in leaves)
    return sealed or any(part.type == _ENCRYPTED for part in leaves) or mail.text.lstrip().startswith(_PGP_MESSAGE)


def _is_seen(lines: Sequence[Line]) -> bool:
    return any(line.text.strip() for line in lines)


def _without_commands(text: str) -> str:
    """Put before each line what nobody sees and no command begins with (T27): its bytes do not show what it says."""
    return "\n".join(line and f"\u2060{line}" for line in text.split("\n"))


def _with_signature(mail: Mail, tree: Body, raw: bytes, fields: header.Header, keys: KeysOf) -> tuple[Mail, Body]:
    """Check who signed it; a cleartext signature's armor is taken off its words, whoever made it."""
    wrapped = None
    if found := openpgp.cleartext(tree):
        tree, wrapped = found
    elif part := openpgp.signed_part(raw, fields):
        inner = parts.tree(part.data, header.read(part.data), [])
        wrapped = part if openpgp.is_whole(tree, inner) else None
    registered = keys(mail.from_.address) if mail.from_ and wrapped else ()
    if wrapped is None or not registered:
        return mail, tree
    return replace(mail, signed=openpgp.verified(wrapped, registered)), tree


def _trimmed(lines: Sequence[Line]) -> str:
    return "\n".join(line.shown for line in lines).strip("\n")


def _attachment(part: Leaf) -> Attachment:
    digest = hashlib.sha256(part.data).hexdigest()
    ours = any(mark in part.data for mark in _OURS)
    return Attachment(name=part.name, type=part.type, size=len(part.data), sha256=digest, index=part.index, ours=ours)
