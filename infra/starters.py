"""What a unit's programmer begins with: a few lines in the language of its system, filled in with its own names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from infra.grants import unit_group_prefix


@dataclass(frozen=True, slots=True)
class Place:
    """The bus as one unit sees it. `principal` is empty where Kafka asks for no password.

    `seals`: it has an ingress key, which publishers seal to.
    """

    unit: str
    gateway: str
    bootstrap: str
    namespace: str
    protocol: str
    principal: str
    seals: bool

    @property
    def ingress(self) -> str:
        """Topic that the unit writes."""
        return f"{self.namespace}ingress-{self.unit}"

    @property
    def feed(self) -> str:
        """Topic that the unit reads."""
        return f"{self.namespace}feed-{self.unit}"

    @property
    def group(self) -> str:
        """A consumer group that the unit may use; others begin with the same prefix."""
        return f"{self.namespace}{unit_group_prefix(self.unit)}case-system"


def starter(language: str, place: Place) -> str:
    """The lines for one of LANGUAGES; secrets are read from LINKAGE_KEY and LINKAGE_KAFKA_PASSWORD."""
    return LANGUAGES[language](place)


def _curl(place: Place) -> str:
    return f"""\
# What has been delivered to {place.unit}, and one event said by it: the first answer is a page, the second a receipt.
curl --silent --show-error --fail-with-body -H "Authorization: Bearer $LINKAGE_KEY" \\
     '{place.gateway}/v1/feeds/me?after=0'
curl --silent --show-error --fail-with-body -H "Authorization: Bearer $LINKAGE_KEY" \\
     -H 'Content-Type: application/json' '{place.gateway}/v1/events' -d '{{
  "type": "lead.found", "time": "'"$(date -u +%Y-%m-%dT%H:%M:%SZ)"'",
  "case": {{"number": "starter-1"}}, "data": {{"summary": "a first try"}}
}}'
"""


def _python(place: Place) -> str:
    options = ""
    if place.principal:
        options = f"""
options = {{
    "security_protocol": "{place.protocol}",
    "sasl_mechanism": "SCRAM-SHA-512",
    "sasl_plain_username": "{place.principal}",
    "sasl_plain_password": os.environ["LINKAGE_KAFKA_PASSWORD"],
}}"""
    else:
        options = "\noptions = {}"
    sealing = 'GatewayIngress(gateway, os.environ["LINKAGE_KEY"])' if place.seals else "None"
    return f"""\
import os
from datetime import UTC, datetime
from pathlib import Path

from consumers.feeds.subscriber import Subscriber
from producers.ingress import GatewayIngress
from producers.publisher import Publisher
from schemas.topics import TopicNames
from schemas.units import load_register

register = load_register(Path(os.environ["LINKAGE_UNITS"]))
names = TopicNames("{place.namespace}")
{options.lstrip()}
gateway = "{place.gateway}"
sealing = {sealing}  # without the gateway: producers.ingress.fixed_key(LINKAGE_INGRESS_KEY)

with Publisher("{place.unit}", "{place.bootstrap}", register=register, names=names, options=options,
               ingress=sealing) as publisher:
    print(publisher.publish("lead.found", "starter-1", occurred_at=datetime.now(UTC),
                            data={{"summary": "a first try"}}))

with Subscriber("{place.unit}", "{place.bootstrap}", group="{place.group}", names=names, options=options) as feed:
    for item in feed.items(idle_seconds=2):  # without idle_seconds it waits for ever
        print(item.seq, item.delivery, item.envelope.type, item.basis)
"""


def _java(place: Place) -> str:
    login = ""
    if place.principal:
        login = f"""\
security.protocol={place.protocol}
sasl.mechanism=SCRAM-SHA-512
# LINKAGE_KAFKA_PASSWORD
sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required \\
  username="{place.principal}" password="…";
"""
    return f"""\
# For a stock Kafka client. Write to {place.ingress}, read from {place.feed}; contracts: schemas/avro/,
# headers: docs/catalogue.md. There are no transactions on the bus: leave transactional.id out.
bootstrap.servers={place.bootstrap}
{login}acks=all
enable.idempotence=true
allow.auto.create.topics=false
group.id={place.group}
enable.auto.commit=false
auto.offset.reset=earliest
"""


def _javascript(place: Place) -> str:
    return f"""\
// Node 18 or newer: node starter.mjs
const bus = "{place.gateway}";
const headers = {{ Authorization: `Bearer ${{process.env.LINKAGE_KEY}}`, "Content-Type": "application/json" }};

const said = await fetch(`${{bus}}/v1/events`, {{
  method: "POST",
  headers,
  body: JSON.stringify({{
    type: "lead.found", time: new Date().toISOString(),
    case: {{ number: "starter-1" }}, data: {{ summary: "a first try" }},
  }}),
}});
console.log(said.status, await said.json());

const page = await (await fetch(`${{bus}}/v1/feeds/me?after=0`, {{ headers }})).json();
for (const item of page.items) console.log(item.seq, item.delivery, item.event.type, item.basis);
"""


LANGUAGES: dict[str, Callable[[Place], str]] = {
    "curl": _curl,
    "python": _python,
    "java": _java,
    "javascript": _javascript,
}
