"""The settings of every process, read once from `LINKAGE_*` environment variables at its start."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, NoReturn, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from schemas.topics import TopicNames

EXIT_BAD_SETTING = 78
"""EX_CONFIG of sysexits.h: a supervisor should not restart a process that cannot be configured."""


def _namespace(value: str) -> str:
    if value and not (value.endswith("-") and value.replace("-", "").isalnum() and value.isascii()):
        raise ValueError("letters, digits and hyphens, ending in a hyphen (for example 'test-'), or empty")
    return value


def _postgres(value: str) -> str:
    if not value.startswith("postgresql://"):
        raise ValueError("a PostgreSQL address: postgresql://user:password@host:5432/database")
    return value


class Settings(BaseSettings):
    """One frozen value; each field is the variable `LINKAGE_<FIELD>`. docs/settings.md is made from it."""

    model_config = SettingsConfigDict(env_prefix="LINKAGE_", frozen=True, extra="ignore")

    bootstrap: str = Field(
        default="127.0.0.1:9092", description="Kafka bootstrap servers, host:port[,host:port…]"
    )
    kafka_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        default="PLAINTEXT",
        description="how clients reach Kafka: SASL_ is with user and password, SSL with encryption",
    )
    kafka_mechanism: Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"] = Field(
        default="SCRAM-SHA-512", description="how user and password are proven to Kafka"
    )
    kafka_user: str = Field(default="", description="Kafka principal of this process (docs/security.md)")
    kafka_password: str = Field(default="", description="its password; better in a file", repr=False)
    kafka_password_file: Path | None = Field(
        default=None, description="file that holds the password, for containers and service managers"
    )
    kafka_ca_file: Path | None = Field(
        default=None, description="PEM file of whoever signed the brokers' certificates; none: the system's"
    )
    kafka_certificate_file: Path | None = Field(
        default=None,
        description="PEM file with this process's own certificate and key, where brokers ask clients for one",
    )
    database: Annotated[str, AfterValidator(_postgres)] = Field(
        default="postgresql://postgres@127.0.0.1:5432/linkage", description="PostgreSQL address", repr=False
    )
    units: Path | None = Field(default=None, description="TOML file with the register of units")
    holidays: Path | None = Field(
        default=None, description="TOML file with days off and make-up workdays to add"
    )
    webhooks: Path | None = Field(
        default=None, description="TOML file with the approved receivers of webhooks; none without it"
    )
    sign_offs: Path | None = Field(
        default=None,
        description="TOML file with who signed which open point of counting, see docs/statutes.md",
    )
    signing_key: Path | None = Field(
        default=None,
        description="file with the key that signs heads and statements (`linkage keys new`); none: unsigned",
    )
    master_keys: Path | None = Field(
        default=None,
        description="file with the master keys (`linkage vault new`); none: personal data lies in the clear",
    )
    sealing: Literal["aes", "sm"] = Field(
        default="aes",
        description="what new keys seal with: aes is AES-256-GCM/SHA-256, sm is SM4-GCM/SM3 (docs/sealing.md)",
    )
    clear_ingress: bool = Field(
        default=True, description="false: records that units write to Kafka in the clear are refused"
    )
    namespace: Annotated[str, AfterValidator(_namespace)] = Field(
        default="", description="prefix of topic and group names, so that installations can share a cluster"
    )
    partitions: int = Field(default=8, ge=1, le=256, description="partitions of case-events; fixed for ever")
    replication: int = Field(
        default=1, ge=1, le=9, description="replication factor of every topic; 3 in production"
    )
    gateway_host: str = Field(default="127.0.0.1", description="address the gateway listens on")
    gateway_port: int = Field(
        default=8080, ge=0, le=65535, description="port of the gateway; 0 picks a free one"
    )
    console_host: str = Field(default="127.0.0.1", description="address the console listens on")
    console_port: int = Field(
        default=8090, ge=0, le=65535, description="port of the console; 0 picks a free one"
    )
    console_https: bool = Field(
        default=False, description="true: the console is reached over HTTPS, by a proxy before it"
    )
    console_second_factor: bool = Field(
        default=False, description="true: everybody who signs in to the console must set up a second factor"
    )
    console_url: str = Field(
        default="",
        description="address of the console as people reach it, for links in notifications; none: host and port",
    )
    oidc_issuer: str = Field(
        default="", description="OpenID Connect provider through which people may sign in to the console"
    )
    oidc_client_id: str = Field(default="", description="what the provider knows the console by")
    oidc_client_secret_file: Path | None = Field(
        default=None, description="file with the console's secret at the provider; none: PKCE alone"
    )
    gateway_rate: float = Field(
        default=2000.0, gt=0, description="requests and events a second that one unit may bring to a gateway"
    )
    gateway_burst: int = Field(
        default=10_000, ge=500, description="requests and events that one unit may bring at once"
    )
    gateway_batch_events: int = Field(default=500, ge=1, le=500, description="events in one request")
    gateway_body_bytes: int = Field(
        default=8 * 1024 * 1024, ge=1024, le=64 * 1024 * 1024, description="bytes of one request with events"
    )
    documents: str = Field(
        default="linkage-documents", description="where documents lie: a folder, or s3://bucket/prefix"
    )
    documents_spool: Path = Field(
        default=Path("linkage-documents"),
        description="folder for uploads under way, if documents lie in a bucket",
    )
    document_bytes: int = Field(default=100 * 1024 * 1024, ge=1, description="largest document, in bytes")
    batch_records: int = Field(
        default=2000, ge=1, le=20000, description="records that casework takes at once"
    )
    cached_events: int = Field(
        default=60_000, ge=0, description="events of cases that a worker keeps in memory"
    )
    settling_seconds: float = Field(
        default=60.0,
        ge=0,
        le=86400,
        description="wait after a late-reported start before a breach is flagged",
    )
    profiles: frozenset[str] = Field(
        default=frozenset(), description="rule profiles that are on, as a JSON list"
    )
    clock_interval_seconds: float = Field(
        default=0.5, gt=0, le=2, description="how often the clock looks for due alarms"
    )
    calendar_interval_seconds: float = Field(
        default=60.0,
        gt=0,
        le=3600,
        description="how often the clock looks for cases that were counted by an earlier edition of the calendar",
    )
    calendar_margin_seconds: float = Field(
        default=60.0,
        ge=0,
        le=3600,
        description="wait after an edition's known_from before cases are told: more than the clocks of broker "
        "and database may differ",
    )
    stall_seconds: float = Field(
        default=60.0, gt=0, description="no progress for this long with work waiting: exit"
    )
    session_timeout_seconds: float = Field(
        default=10.0, ge=6, le=300, description="Kafka session timeout of the worker"
    )
    max_event_bytes: int = Field(
        default=256 * 1024, ge=1024, le=900 * 1024, description="largest event admitted"
    )

    metrics_host: str = Field(
        default="127.0.0.1", description="address on which each process answers Prometheus"
    )
    metrics_port: int | None = Field(
        default=None, ge=1, le=65535, description="port of the same, for this process; without it: off"
    )
    otlp_endpoint: str = Field(
        default="", description="OpenTelemetry collector (OTLP over HTTP) that gets traces; without it: off"
    )
    redrive_approval: bool = Field(
        default=False, description="jobs over records that were not applied need a second person"
    )
    admin_approval: bool = Field(
        default=False, description="suspending units and changing their keys needs a second person"
    )
    smtp_host: str = Field(default="", description="mail server for notifications; without it: no mail")
    smtp_port: int = Field(default=587, ge=1, le=65535, description="its port")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="how the way to it is encrypted"
    )
    smtp_user: str = Field(default="", description="user at the mail server; none: without signing in")
    smtp_password_file: Path | None = Field(default=None, description="file with the user's password")
    smtp_from: str = Field(default="linkage@localhost", description="sender of notifications")
    robot_base: str = Field(
        default="",
        description="where group robots as of WeCom are reached, for example a proxy before qyapi.weixin.qq.com",
    )
    notify_interval_seconds: float = Field(
        default=15.0, gt=0, le=3600, description="how often the notify process looks for what is to be told"
    )

    @model_validator(mode="after")
    def _check_credentials(self) -> Self:
        if self.kafka_protocol.startswith("SASL_"):
            if not self.kafka_user:
                raise ValueError(f"LINKAGE_KAFKA_USER is missing: {self.kafka_protocol} needs it")
            if not self.kafka_password and self.kafka_password_file is None:
                raise ValueError("give LINKAGE_KAFKA_PASSWORD_FILE or LINKAGE_KAFKA_PASSWORD")
        return self

    @property
    def topics(self) -> TopicNames:
        """Topic names under this installation's namespace."""
        return TopicNames(self.namespace)

    @property
    def console_address(self) -> str:
        """Where people reach the console."""
        return self.console_url or f"http://{self.console_host}:{self.console_port}"

    @property
    def notifies(self) -> bool:
        """Whether there is a way to tell anybody: a mail server, robots or approved receivers."""
        return bool(self.smtp_host or self.robot_base or self.webhooks)

    @property
    def settling(self) -> timedelta:
        """`settling_seconds` as a duration."""
        return timedelta(seconds=self.settling_seconds)

    @property
    def calendar_margin(self) -> timedelta:
        """`calendar_margin_seconds` as a duration."""
        return timedelta(seconds=self.calendar_margin_seconds)


def read_settings() -> Settings:
    """The settings from the environment; a bad one stops the process with its name and what is accepted."""
    try:
        return Settings()
    except ValidationError as error:
        _stop(error)


def _stop(error: ValidationError) -> NoReturn:
    for problem in error.errors():
        if not problem["loc"]:  # settings that do not go together; the sentence names them
            sys.stderr.write(f"{problem['msg']}.\n")
            continue
        name = "LINKAGE_" + "_".join(str(part) for part in problem["loc"][:1]).upper()
        accepted = Settings.model_fields[str(problem["loc"][0])].description
        sys.stderr.write(f"{name}: {problem['msg']}. Accepted: {accepted}.\n")
    raise SystemExit(EXIT_BAD_SETTING)
