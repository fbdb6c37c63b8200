"""What the section `[trust]` may say: which proofs are enough for what (`semantics.md` 22)."""

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

from mailbot.config.kinds import Section
from mailbot.people import SUFFICIENT, Needs, NeedsTable, Proof

#: What a combination may be made of; `claimed` is asked for anyway and proves nothing.
_PROOFS = {str(proof): proof for proof in Proof if proof is not Proof.CLAIMED}


def _combination(text: str) -> str:
    names = [name.strip() for name in text.lower().split("+")]
    if Proof.CLAIMED in names and len(names) == 1:
        raise ValueError("lets in whoever writes that From, and anybody can; ask for a proof such as session")
    if wrong := [name for name in names if name not in _PROOFS]:
        raise ValueError(f"has {wrong[0]!r}, which is no proof; join some of {', '.join(_PROOFS)} with a +")
    return "+".join(names)


def _some(written: tuple[str, ...]) -> tuple[str, ...]:
    if not written:
        raise ValueError('is empty, so no answer of a customer would reach its case; write one such as ["token"]')
    return written


#: Such as `session` or `verified+token`: all of its proofs are needed together.
Combination = Annotated[str, AfterValidator(_combination)]


#: Such as `customer.example`, in lower case.
Domain = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$"), AfterValidator(str.lower)]


def _default(needs: Needs) -> tuple[str, ...]:
    """Return a row of the safe table as it is written in the file."""
    return tuple(
        "+".join(sorted(combination, reverse=True, key=lambda proof: proof is Proof.VERIFIED))
        for combination in SUFFICIENT[needs]
    )


class TrustSection(Section):
    """For each class of what mails do the combinations of proofs of which any one is enough."""

    #: A participant's text into the case, and a customer's commands.
    customer: Annotated[tuple[Combination, ...], AfterValidator(_some)] = _default(Needs.CUSTOMER)
    #: An agent's commands, and an agent's text to a customer; empty: by the shell alone.
    member: tuple[Combination, ...] = _default(Needs.MEMBER)
    #: Who gets to see a case, whose it is; empty: by the shell alone.
    dangerous: tuple[Combination, ...] = _default(Needs.DANGEROUS)
    #: How long a mailed question waits for the yes of a member whose proofs are not enough for what is dangerous.
    confirm_minutes: Annotated[int, Field(ge=1, le=1440)] = 60
    #: Domains of customers whose verified people may use the reply addresses of their colleagues, and copy them in.
    colleagues: tuple[Domain, ...] = ()

    def table(self) -> NeedsTable:
        """Return it as the rules know it."""
        return {needs: tuple(map(_proofs, written)) for needs, written in self._rows().items()}

    def loosened(self) -> Iterator[tuple[str, str]]:
        """Yield each key and combination that is less than what the safe table asks for."""
        for needs, written in self._rows().items():
            for text in written:
                if not any(safe <= _proofs(text) for safe in SUFFICIENT[needs]):
                    yield needs, text

    def _rows(self) -> Mapping[Needs, tuple[str, ...]]:
        return {Needs.CUSTOMER: self.customer, Needs.MEMBER: self.member, Needs.DANGEROUS: self.dangerous}


def _proofs(text: str) -> frozenset[Proof]:
    return frozenset(_PROOFS[name] for name in text.split("+"))
