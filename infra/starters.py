"""What a unit's programmer begins with: a program in the language of its system, filled in with its own names.

Saved and run as it is, it says one event, waits until that is delivered, and reads the unit's own feed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from infra.grants import unit_group_prefix
from schemas.units import Register, Role


@dataclass(frozen=True, slots=True)
class Place:
    """The bus as one unit sees it. `principal` is empty where Kafka asks for no password.

    `addressee` gets the first event; empty: nobody does, and it is only applied.
    `seals`: it has an ingress key, which publishers seal to.
    """

    unit: str
    addressee: str
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


_ASKED_FIRST = (Role.CASE_MANAGEMENT, Role.CRIMINAL, Role.POLICE)


def first_addressee(register: Register, code: str) -> str:
    """Who is told that `code` has joined: case management of its district, else another that works there; or nobody."""
    district = register.by_code[code].district
    others = [unit for unit in register.units if unit.district == district and unit.code != code]
    return next((unit.code for role in _ASKED_FIRST for unit in others if role in unit.roles), "")


def _data(place: Place) -> str:
    """The first event's payload, as JSON, which is Python too."""
    told = {"addressee": place.addressee} if place.addressee else {}
    return json.dumps(told | {"summary": "接入联调 a first try"})  # escaped: an editor may keep it in GBK


def _reached(place: Place) -> str:
    """What stands in the account of the event once it has come where it should."""
    return '"published":true' if place.addressee else '"state":"applied"'


def _curl(place: Place) -> str:
    return f"""\
#!/bin/sh
# Says one event, waits until it is delivered{_to(place)}, and shows the feed of {place.unit}: sh starter.sh
{_sealed_by_gateway("#", place)}set -eu
bus='{place.gateway}'
ask() {{
  curl --silent --show-error --fail-with-body -H "Authorization: Bearer $LINKAGE_KEY" "$@"
  echo
}}

id="starter-$(date +%s)"
ask -H 'Content-Type: application/json' "$bus/v1/events" -d '{{
  "type": "lead.found", "id": "'"$id"'", "time": "'"$(date -u +%Y-%m-%dT%H:%M:%SZ)"'",
  "case": {{"number": "starter-1"}}, "data": {_data(place)}
}}'
for _ in $(seq 30); do
  case $(ask "$bus/v1/events/{place.unit}/$id") in
    *'{_reached(place)}'*)
      echo "delivered{_to(place)}"
      ask "$bus/v1/feeds/me?after=0"
      exit ;;
    *) sleep 1 ;;
  esac
done
echo "{_late(place)}" >&2
exit 1
"""


def _sealed_by_gateway(comment: str, place: Place) -> str:
    told = f"{comment} Personal data: the gateway seals it before it writes anything down.\n"
    return told if place.seals else ""


def _late(place: Place) -> str:
    return (
        f"not delivered{_to(place)} within 30 s: linkage doctor tells the operator which process stands still"
    )


def _to(place: Place) -> str:
    return f" to {place.addressee}" if place.addressee else ""


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
# Says one event over Kafka, waits until it is delivered{_to(place)}, and reads the feed: python starter.py
import os
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx

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
    receipt = publisher.publish("lead.found", "starter-1", occurred_at=datetime.now(UTC),
                                data={_data(place)})
print(receipt)

key = {{"Authorization": f"Bearer {{os.environ['LINKAGE_KEY']}}"}}
for _ in range(30):
    told = httpx.get(f"{{gateway}}/v1/events/{place.unit}/{{receipt.id}}", headers=key).text
    if '{_reached(place)}' in told:
        print("delivered{_to(place)}")
        break
    time.sleep(1)
else:
    raise SystemExit("{_late(place)}")

with Subscriber("{place.unit}", "{place.bootstrap}", group="{place.group}", names=names, options=options) as feed:
    for item in feed.items(idle_seconds=2):  # without idle_seconds it waits for ever
        print(item.seq, item.delivery, item.envelope.type, item.basis)
"""


def _kafka(place: Place) -> str:
    login = ""
    if place.principal:
        login = f"""\
security.protocol={place.protocol}
sasl.mechanism=SCRAM-SHA-512
config.providers=env
config.providers.env.class=org.apache.kafka.common.config.provider.EnvVarConfigProvider
sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required \\
  username="{place.principal}" password="${{env:LINKAGE_KAFKA_PASSWORD}}";
"""
    sealing = ""
    if place.seals:
        sealing = f"""\
# A stock client seals nothing: what it writes would lie in {place.ingress} in the clear. Seal every value to
# LINKAGE_INGRESS_KEY, by producers/examples/java/src/main/java/Sealing.java, producers/examples/javascript/sealing.mjs,
# or as docs/sealing.md says; or say it to the gateway.
"""
    return f"""\
# For a stock Kafka client. Write to {place.ingress}, read from {place.feed}; contracts: schemas/avro/,
# headers: docs/catalogue.md. There are no transactions on the bus: leave transactional.id out.
{sealing}bootstrap.servers={place.bootstrap}
{login}acks=all
enable.idempotence=true
allow.auto.create.topics=false
group.id={place.group}
enable.auto.commit=false
auto.offset.reset=earliest
"""


def _java(place: Place) -> str:
    reached = json.dumps(_reached(place))
    return f"""\
// Says one event, waits until it is delivered{_to(place)}, and shows the feed of {place.unit}.
// Java 17 or newer: java Starter.java. Over Kafka: `linkage unit starter {place.unit} --language kafka`.
{_sealed_by_gateway("//", place)}import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Instant;

public class Starter {{
    static final String BUS = "{place.gateway}";
    static final HttpClient CLIENT = HttpClient.newHttpClient();

    static String ask(HttpRequest.Builder request) throws Exception {{
        var asked = request.header("Authorization", "Bearer " + System.getenv("LINKAGE_KEY")).build();
        var answer = CLIENT.send(asked, BodyHandlers.ofString());
        if (answer.statusCode() >= 300) throw new IllegalStateException(answer.body());
        return answer.body();
    }}

    static HttpRequest.Builder at(String path) {{
        return HttpRequest.newBuilder(URI.create(BUS + path)).header("Content-Type", "application/json");
    }}

    public static void main(String[] arguments) throws Exception {{
        var now = Instant.now();
        var id = "starter-" + now.toEpochMilli();
        var event = \"""
            {{"type": "lead.found", "id": "%s", "time": "%s",
             "case": {{"number": "starter-1"}}, "data": {_data(place)}}}\""".formatted(id, now);
        System.out.println(ask(at("/v1/events").POST(BodyPublishers.ofString(event))));
        for (int tries = 0; tries < 30; tries++) {{
            if (ask(at("/v1/events/{place.unit}/" + id)).contains({reached})) {{
                System.out.println("delivered{_to(place)}");
                System.out.println(ask(at("/v1/feeds/me?after=0")));
                return;
            }}
            Thread.sleep(1000);
        }}
        throw new IllegalStateException("{_late(place)}");
    }}
}}
"""


def _javascript(place: Place) -> str:
    return f"""\
// Says one event, waits until it is delivered{_to(place)}, and shows the feed of {place.unit}.
// Node 18 or newer: node starter.mjs
{_sealed_by_gateway("//", place)}const bus = "{place.gateway}";
const headers = {{ Authorization: `Bearer ${{process.env.LINKAGE_KEY}}`, "Content-Type": "application/json" }};
const id = `starter-${{Date.now()}}`;

const said = await fetch(`${{bus}}/v1/events`, {{
  method: "POST",
  headers,
  body: JSON.stringify({{
    type: "lead.found", id, time: new Date().toISOString(),
    case: {{ number: "starter-1" }}, data: {_data(place)},
  }}),
}});
console.log(said.status, await said.json());

let delivered = false;
for (let tries = 0; tries < 30 && !delivered; tries++) {{
  const told = await (await fetch(`${{bus}}/v1/events/{place.unit}/${{id}}`, {{ headers }})).text();
  delivered = told.includes('{_reached(place)}');
  if (!delivered) await new Promise((resolve) => setTimeout(resolve, 1000));
}}
if (!delivered) throw new Error("{_late(place)}");
console.log("delivered{_to(place)}");

const page = await (await fetch(`${{bus}}/v1/feeds/me?after=0`, {{ headers }})).json();
for (const item of page.items) console.log(item.seq, item.delivery, item.event.type, item.basis);
"""


LANGUAGES: dict[str, Callable[[Place], str]] = {
    "curl": _curl,
    "python": _python,
    "java": _java,
    "javascript": _javascript,
    "kafka": _kafka,
}
