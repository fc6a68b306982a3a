"""Principals on Kafka: their passwords and exactly the rights that the table gives them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping

from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    KafkaAdminClient,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
    ScramMechanism,
    UserScramCredentialDeletion,
    UserScramCredentialUpsertion,
)

from infra.grants import CLUSTER_NAME, Grant, On
from infra.kafka import KafkaUnavailable, until_in_force

_MECHANISM = ScramMechanism.SCRAM_SHA_512
_ITERATIONS = 8192
_ANY_HOST = "*"
_PASSWORD_BYTES = 32


def new_password() -> str:
    """A password that nobody can guess; letters, digits, hyphens and underscores only."""
    return secrets.token_urlsafe(_PASSWORD_BYTES)


def set_passwords(client: KafkaAdminClient, passwords: dict[str, str]) -> None:
    """Gives each principal (by its full name) this password in place of any earlier one.

    Blocks until the broker takes them. Raises KafkaUnavailable.
    """
    changes = [
        UserScramCredentialUpsertion(name, _MECHANISM, password, iterations=_ITERATIONS)
        for name, password in passwords.items()
    ]
    _alter(client, changes)
    until_in_force(lambda: passwords.keys() <= with_password(client), f"passwords of {', '.join(passwords)}")


def with_password(client: KafkaAdminClient) -> set[str]:
    """The principals that can log in, by their full names; the brokers' administrator is not among them."""
    told = client.describe_user_scram_credentials()
    return {
        name
        for name, one in told.items()
        if any(known["mechanism"] == _MECHANISM for known in one["credential_infos"])
    }


def drop_password(client: KafkaAdminClient, principal: str) -> bool:
    """Takes the principal's password; open connections of it live on until they end. False: it had none."""
    if principal not in with_password(client):
        return False
    _alter(client, [UserScramCredentialDeletion(principal, _MECHANISM)])
    until_in_force(lambda: principal not in with_password(client), f"the removal of {principal}")
    return True


def apply_grants(
    client: KafkaAdminClient, rights: Mapping[str, Iterable[Grant]], *, namespace: str
) -> list[str]:
    """Makes each principal's rights exactly these, and says what had to change, one line each.

    Blocks until the broker judges by them. Raises KafkaUnavailable.
    """
    wanted = {
        acl
        for principal, grants in rights.items()
        for grant in grants
        for acl in _acls(principal, grant, namespace)
    }
    present = granted(client, *rights)
    missing = sorted(wanted - present, key=_told)
    surplus = sorted(present - wanted, key=_told)
    if missing and (failed := client.create_acls(missing)["failed"]):
        raise KafkaUnavailable(f"Kafka did not give the rights: {failed[0].__name__}.")
    if surplus:
        client.delete_acls([_filter_of(acl) for acl in surplus])
    if missing or surplus:
        until_in_force(lambda: granted(client, *rights) == wanted, f"rights of {', '.join(rights)}")
    return [f"may {_told(acl)}" for acl in missing] + [f"may no longer {_told(acl)}" for acl in surplus]


def granted(client: KafkaAdminClient, *principals: str) -> set[ACL]:
    """Every right that is given to these principals by name. Raises KafkaUnavailable."""
    anything = ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY)
    asked = ACLFilter(None, None, ACLOperation.ANY, ACLPermissionType.ANY, anything)
    acls, _ = client.describe_acls(asked)
    return {acl for acl in acls if acl.principal.removeprefix("User:") in principals}


def _acls(principal: str, grant: Grant, namespace: str) -> Iterable[ACL]:
    name = CLUSTER_NAME if grant.on is On.CLUSTER else namespace + grant.name
    kind = ACLResourcePatternType.PREFIXED if grant.prefix else ACLResourcePatternType.LITERAL
    resource = ResourcePattern(ResourceType[grant.on], name, kind)
    for operation in grant.may:
        yield ACL(f"User:{principal}", _ANY_HOST, ACLOperation[operation], ACLPermissionType.ALLOW, resource)


def _filter_of(acl: ACL) -> ACLFilter:
    pattern = acl.resource_pattern
    exactly = ResourcePatternFilter(pattern.resource_type, pattern.resource_name, pattern.pattern_type)
    return ACLFilter(acl.principal, acl.host, acl.operation, acl.permission_type, exactly)


def _told(acl: ACL) -> str:
    pattern = acl.resource_pattern
    star = "*" if pattern.pattern_type is ACLResourcePatternType.PREFIXED else ""
    kind = pattern.resource_type.name.lower()
    principal = acl.principal.removeprefix("User:")
    return f"{acl.operation.name} {kind} {pattern.resource_name}{star} ({principal})"


def _alter(client: KafkaAdminClient, changes: list[object]) -> None:
    refused = {name: why for name, why in client.alter_user_scram_credentials(changes).items() if why}
    for name, why in refused.items():
        raise KafkaUnavailable(f"Kafka did not change the password of {name}: {why}.")
