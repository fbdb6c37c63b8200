"""The people around a case and the desk they write to, as the directory and the configuration know them.

Frozen values; what a person may do is decided in `mailbot.rules`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from mailbot.spam import SpamRules


class Role(StrEnum):
    """What a person is to the desk; other roles are names that a process declares (a consulted team, a level)."""

    CUSTOMER = "customer"
    AGENT = "agent"
    LEAD = "lead"
    MANAGER = "manager"


#: The roles that work on cases; everyone else is a customer or stands outside.
MEMBERS = frozenset({Role.AGENT, Role.LEAD, Role.MANAGER})


class Proof(StrEnum):
    """One fact about a sender (`semantics.md` 21). They add up; none implies another."""

    #: From is exactly one well-formed mailbox. Proves nothing by itself.
    CLAIMED = "claimed"
    #: The mail carries a token made for this person and this case (or the person's own desk address).
    TOKEN = "token"  # noqa: S105 - the name of a proof, not a secret
    #: In-Reply-To or References name a tagged Message-ID that was sent to this person about this case.
    REFERENCE = "reference"
    #: The border vouches for the From domain (DMARC, an aligned DKIM signature, or sent from inside).
    VERIFIED = "verified"
    #: A registered key signed it.
    SIGNED = "signed"
    #: The person logged in (SMTP AUTH with us, or the border's auth=pass, or the operator's shell).
    SESSION = "session"


class Needs(StrEnum):
    """The classes of what somebody wants to do with a case; what each takes is a table of the desk."""

    #: A participant's text into the case, and a customer's commands.
    CUSTOMER = "customer"
    #: An agent's commands, and an agent's text to a customer.
    MEMBER = "member"
    #: Who gets to see a case, whose it is.
    DANGEROUS = "dangerous"


#: For each class the combinations of proofs of which any one is enough.
NeedsTable = Mapping[Needs, tuple[frozenset[Proof], ...]]

#: What is enough where the operator says nothing else (`semantics.md` 22).
SUFFICIENT: NeedsTable = {
    Needs.CUSTOMER: tuple(
        frozenset({proof}) for proof in (Proof.TOKEN, Proof.REFERENCE, Proof.VERIFIED, Proof.SIGNED, Proof.SESSION)
    ),
    Needs.MEMBER: (
        frozenset({Proof.SESSION}),
        frozenset({Proof.SIGNED}),
        frozenset({Proof.VERIFIED, Proof.TOKEN}),
    ),
    Needs.DANGEROUS: (frozenset({Proof.SESSION}), frozenset({Proof.SIGNED})),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One row of the directory."""

    #: Lower case; `@domain` speaks for a whole domain.
    address: str
    name: str = ""
    role: str = Role.CUSTOMER
    organisation: str = ""
    team: str = ""
    plan: str = ""
    #: The last valid day, None for no contract.
    contract_until: date | None = None
    language: str = ""
    timezone: str = ""
    manager: str = ""
    #: Further addresses of the same person, lower case.
    also: tuple[str, ...] = ()
    #: How often the address of the desk that is a member's own was revoked: older ones do not count.
    address_epoch: int = 0


@dataclass(frozen=True, slots=True)
class Staff:
    """Who can be given a case: what the words of members may name, apart from the many who are customers."""

    #: The addresses of the members, in the order of the directory.
    members: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """Customers who belong together: those whose rows name it."""

    #: As people write it; letter case does not matter.
    name: str
    #: The language of those whose own row says none.
    language: str = ""
    #: The address of who may write into the open cases of its people, "" for nobody.
    contact: str = ""
    #: Does the contact hear of each new case, too?
    contact_hears: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """The people, as one loaded and checked snapshot."""

    #: Digest of the snapshot: decisions cite it.
    version: str = ""
    people: tuple[Person, ...] = ()
    #: What is said of organisations beside their people; one that only people name needs nothing here.
    organisations: tuple[Organisation, ...] = ()
    staff: Staff = field(init=False, repr=False, compare=False, default_factory=Staff)
    _by_address: Mapping[str, Person] = field(init=False, repr=False, compare=False, default_factory=dict)
    _described: Mapping[str, Organisation] = field(init=False, repr=False, compare=False, default_factory=dict)
    _by_organisation: Mapping[str, tuple[Person, ...]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        """Index every address and the staff once; a look-up per mail must not cost by the size of the directory."""
        index = {address: person for person in self.people for address in (*person.also, person.address)}
        members = tuple(person.address for person in self.people if person.role in MEMBERS)
        teams = tuple(sorted({person.team for person in self.people if person.team}))
        together: dict[str, list[Person]] = {}
        for person in self.people:
            together.setdefault(person.organisation.casefold(), []).append(person)
        object.__setattr__(self, "_by_address", index)
        described = {one.name.casefold(): one for one in self.organisations}
        object.__setattr__(self, "_described", described)
        object.__setattr__(self, "_by_organisation", {name: tuple(rows) for name, rows in together.items() if name})
        object.__setattr__(self, "staff", Staff(members, teams))

    def person(self, address: str) -> Person | None:
        """Return the person with this address, or the row that speaks for its domain, or None."""
        _, at, domain = address.rpartition("@")
        return self._by_address.get(address) or self._by_address.get(at + domain)

    def canonical(self, address: str) -> str:
        """Return the registered address of the person who writes from this one."""
        person = self._by_address.get(address)
        return person.address if person else address

    def member(self, address: str) -> Person | None:
        """Return the agent, lead or manager with exactly this address; a domain row never makes a member."""
        person = self._by_address.get(address)
        return person if person and person.role in MEMBERS else None

    def adviser(self, address: str) -> Person | None:
        """Return the person with exactly this address whose role is one of the process's own: one of us, no member."""
        person = self._by_address.get(address)
        return person if person and not address.startswith("@") and person.role not in frozenset(Role) else None

    def organisation(self, address: str) -> Organisation | None:
        """Return the organisation of the person with this address, or of who speaks for its domain, or None."""
        person = self.person(address)
        if person is None or not person.organisation:
            return None
        return self._described.get(person.organisation.casefold()) or Organisation(name=person.organisation)

    def people_of(self, organisation: str) -> tuple[Person, ...]:
        """Return the rows of an organisation, in any letter case of its name."""
        return self._by_organisation.get(organisation.casefold(), ())

    def organisations_named(self, words: str) -> tuple[str, ...]:
        """Return the names of the organisations in which these words stand as whole words, in any letter case."""
        wanted = f" {' '.join(words.casefold().split())} "
        return tuple(rows[0].organisation for name, rows in self._by_organisation.items() if wanted in f" {name} ")

    def language(self, address: str) -> str:
        """Return the language of the person with this address, else that of their organisation, "" for none."""
        person, organisation = self.person(address), self.organisation(address)
        return (person.language if person else "") or (organisation.language if organisation else "")

    def team(self, name: str) -> tuple[Person, ...]:
        """Return the agents and leads of a team, or all of them for the empty name (`semantics.md` 27)."""
        roles = (Role.AGENT, Role.LEAD)
        return tuple(p for p in self.people if p.role in roles and (not name or p.team == name))


#: How long a token is in an address, in characters (`mailbot.rules.identity.token`).
TOKEN_LENGTH = 44
#: What may stand between a local part and a token (`Desk.delimiter`): a reply's address is known behind each of them,
#: so that those stay valid that were made before the desk took another.
DELIMITERS = "+=_.-"


class ReplyTokens(StrEnum):
    """Where the token of a reply's address stands."""

    #: Behind a delimiter: support+TOKEN@example.com (RFC 5233).
    SUBADDRESS = "subaddress"
    #: Alone, in a domain of its own: TOKEN@r.example.com.
    SUBDOMAIN = "subdomain"
    #: Nowhere: answers come to the desk's plain address, and the Message-IDs that they name carry it.
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The outside face of one helpdesk."""

    #: The main address, lower case, such as support@example.com.
    address: str
    #: The subject tag without brackets and number, such as HD.
    tag: str
    #: The IANA zone in which the desk counts service hours.
    timezone: str
    #: What the desk calls itself in notices.
    name: str = ""
    #: The desk's language, such as en.
    language: str = "en"
    #: The languages whose command words are taken beside English; () is the desk's own.
    languages: tuple[str, ...] = ()
    #: The country, or country-subdivision, whose public holidays close the desk; "" for none.
    holidays: str = ""
    #: Do assignees get what is due when for their calendars?
    calendar: bool = True
    #: Separates the local part from the token.
    delimiter: str = "+"
    #: Where new reply addresses have their token; those that were made before stay valid.
    reply_tokens: ReplyTokens = ReplyTokens.SUBADDRESS
    #: The domain of reply addresses that are a token alone, "" for none.
    reply_domain: str = ""
    #: Further addresses that a process declares, such as escalations@example.com, and their purpose.
    purposes: Mapping[str, str] = field(default_factory=dict)
    #: Which proofs are enough for what.
    needs: NeedsTable = field(default_factory=lambda: SUFFICIENT)
    #: Domains whose verified people may use the reply addresses of their colleagues.
    colleagues: frozenset[str] = frozenset()
    #: How long a mailed question waits whether a dangerous command is meant.
    confirm_within: timedelta = timedelta(hours=1)
    #: When members get the digest of a working day: "" for never, "opening" of service, or a local time, 08:30.
    opening_digest: str = ""
    #: For how long a notice to a member may wait for others to the same person; 0 for not at all.
    bundle_within: timedelta = timedelta(0)
    #: For how long `undo` takes commands back.
    undo_within: timedelta = timedelta(hours=24)
    #: How long a member's answer waits before it leaves.
    send_delay: timedelta = timedelta(0)
    #: Whose mail is not wanted, and what a verdict of spam does.
    spam: SpamRules = field(default_factory=SpamRules)

    @property
    def spoken(self) -> tuple[str, ...]:
        """The languages whose command words are taken beside English."""
        return self.languages or (self.language,)

    @property
    def domain(self) -> str:
        """The domain of the main address."""
        return self.address.rpartition("@")[2]

    def is_own(self, address: str) -> bool:
        """Is it one of the desk's own addresses, also with something behind the delimiter (RFC 5233)?

        Behind another delimiter only a token makes it the desk's: `support.paris` may be somebody's mailbox.
        """
        local_part, _, domain = address.lower().rpartition("@")
        if self.reply_domain and domain == self.reply_domain:
            return True
        users = (own.rpartition("@")[0] for own in (self.address, *self.purposes) if own.rpartition("@")[2] == domain)
        behind = (local_part.removeprefix(user) for user in users if local_part.startswith(user))
        return any(
            not rest or rest[0] == self.delimiter or (rest[0] in DELIMITERS and len(rest) == 1 + TOKEN_LENGTH)
            for rest in behind
        )

    def reference(self, number: int) -> str:
        """Return the case number as people write it, such as HD-12."""
        return f"{self.tag}-{number}"
