"""What an installation is held against, one check after the other: what is wrong, and what to do about it. Blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, select, text

from consumers.monitoring.exposing import hearings_of
from consumers.monitoring.lag import State
from consumers.monitoring.silence import Hearing
from consumers.monitoring.standings import Standings
from consumers.monitoring.watching import Look
from consumers.rulebook import Rulebook
from infra.ingress_keys import current
from infra.kafka import check_topics
from infra.master_keys import read_masters
from infra.settings import Settings
from infra.vault_tables import subject_keys
from schemas.spans import CHINA

SKEW_SECONDS = 2.0
PRODUCTION_REPLICATION = 3


class Level(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARN = "warn"  # works, but somebody should look
    FAIL = "fail"  # something does not work


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check. `found` and `remedy` are (Chinese, English); no remedy where nothing is wrong."""

    check: tuple[str, str]
    level: Level
    found: tuple[str, str]
    remedy: tuple[str, str] = ("", "")


def sealing(settings: Settings, connection: Connection) -> Finding:
    """Whether personal data is sealed, and by which master keys. Loud if it lies in the clear."""
    name = ("个人信息加密", "personal data")
    if settings.master_keys is None:
        return Finding(
            name,
            Level.WARN,
            ("以明文保存在日志和数据库中", "LIES IN THE CLEAR in log and database"),
            (
                "设置 LINKAGE_MASTER_KEYS 并运行 `linkage vault new`（docs/sealing.md）",
                "set LINKAGE_MASTER_KEYS and run `linkage vault new` (docs/sealing.md)",
            ),
        )
    held = {one.name for one in read_masters(settings.master_keys).keys}
    used = select(subject_keys.c.master).where(subject_keys.c.wrapped.is_not(None)).distinct()
    missing = sorted(set(connection.execute(used).scalars()) - held)
    if missing:
        told = ", ".join(missing)
        return Finding(
            name,
            Level.FAIL,
            (f"缺少主密钥：{told}", f"master keys are missing: {told}"),
            ("把它们放回主密钥文件", "put them back into the file of master keys"),
        )
    return Finding(name, Level.OK, ("按案加密", f"sealed per case, new keys by {settings.sealing}"))


def ingress_key(settings: Settings, connection: Connection, now: datetime) -> Iterator[Finding]:
    """Whether publishers have a key to seal to that is not to be renewed; nothing where nothing is sealed."""
    if settings.master_keys is None:
        return
    name, key = ("接收密钥", "ingress key"), current(connection, now)
    remedy = (
        "运行 `linkage vault ingress renew`（docs/sealing.md）",
        "run `linkage vault ingress renew` (docs/sealing.md)",
    )
    if key is None:
        both = (
            "没有：各单位直接写入 Kafka 的内容以明文存放在其接收主题中",
            "there is none: what units write to Kafka LIES IN THE CLEAR in their ingress topics",
        )
        yield Finding(name, Level.WARN, both, remedy)
        return
    day = f"{key.renew_by.astimezone(CHINA):%Y-%m-%d}"
    due = now >= key.renew_by
    yield Finding(
        name,
        Level.WARN if due else Level.OK,
        (f"{key.name}，应于 {day} 前更换", f"{key.name}, to be renewed by {day}"),
        remedy if due else ("", ""),
    )


def topics(settings: Settings, rulebook: Rulebook) -> Iterator[Finding]:
    """Whether the topics are as the manifest says, and copied often enough. Raises KafkaUnavailable."""
    name = ("主题", "topics")
    differences = check_topics(settings, rulebook.register)
    if differences:
        told = "; ".join(differences[:3])
        more = f" (+{len(differences) - 3})" if len(differences) > 3 else ""
        both = (f"与清单不符：{told}{more}", f"differ from the manifest: {told}{more}")
        yield Finding(name, Level.FAIL, both, ("运行 `linkage topics apply`", "run `linkage topics apply`"))
    else:
        yield Finding(name, Level.OK, ("与清单一致，永久保留", "as the manifest, kept for ever"))
    enough = settings.replication >= PRODUCTION_REPLICATION
    yield Finding(
        ("副本", "replication"),
        Level.OK if enough else Level.WARN,
        (f"每个主题{settings.replication}份", f"{settings.replication} of each topic"),
        ("", "")
        if enough
        else ("生产环境应为 3 份（LINKAGE_REPLICATION）", "3 in production (LINKAGE_REPLICATION)"),
    )


def clock_skew(database_now: datetime, here: datetime) -> Finding:
    """Whether this machine's clock agrees with the database's, by which clocks ring."""
    seconds = (here - database_now).total_seconds()
    wrong = abs(seconds) > SKEW_SECONDS
    return Finding(
        ("时钟", "clocks of machines"),
        Level.FAIL if wrong else Level.OK,
        (f"与数据库相差 {seconds:+.1f} 秒", f"{seconds:+.1f} s from the database's"),
        ("检查两边的时间同步（NTP）", "check the time service (NTP) of both") if wrong else ("", ""),
    )


_HEADS = text("""
SELECT p.partition FROM progress p
JOIN LATERAL (SELECT e.chain FROM events e WHERE e.partition = p.partition ORDER BY e.log_offset DESC LIMIT 1) e ON true
WHERE p.topic = :topic AND p.chain <> e.chain
""")


def chain_heads(connection: Connection, topic: str) -> Finding:
    """Whether each partition's recorded head is that of its last event; `linkage verify` checks the rest."""
    broken = [str(row.partition) for row in connection.execute(_HEADS, {"topic": topic})]
    if not broken:
        return Finding(("审计链", "audit chain"), Level.OK, ("链头相符", "heads agree"))
    told = ", ".join(broken)
    return Finding(
        ("审计链", "audit chain"),
        Level.FAIL,
        (f"分区 {told} 的链头不符", f"the heads of partitions {told} do not agree"),
        ("停止写入，运行 `linkage verify`", "stop and run `linkage verify`"),
    )


def readers(look: Look) -> Iterator[Finding]:
    """Whether everything that is written is read: by movement, and never beyond the end of a topic."""
    name = ("读取", "readers")
    lost = [line for line in look.partitions if line.position > line.end]
    for line in lost:
        at = f"{line.topic}/{line.partition}"
        yield Finding(
            name,
            Level.FAIL,
            (
                f"{at} 的位置 {line.position} 超出主题末尾 {line.end}",
                f"{at} stands at {line.position}, but the topic ends at {line.end}",
            ),
            (
                "主题被重建或者截断：恢复主题，不要改动位置",
                "the topic was made anew or cut: restore it, do not touch the position",
            ),
        )
    bad = {State.STALLED, State.REWOUND, State.FALLING_BEHIND}
    behind = [line for line in look.partitions if line.state in bad and line not in lost]
    for line in behind:
        at = f"{line.topic}/{line.partition}"
        yield Finding(
            name,
            Level.WARN if line.state is State.FALLING_BEHIND else Level.FAIL,
            (
                f"{at}：{line.state.value}，积压 {line.lag} 条",
                f"{at} is {line.state.value}, {line.lag} behind",
            ),
            (
                "工作进程是否在运行？见 docs/operating.md",
                "does a worker run? see docs/operating.md#linkagereaderstalled",
            ),
        )
    if not lost and not behind:
        total = sum(line.lag for line in look.partitions)
        yield Finding(name, Level.OK, (f"正常，积压 {total} 条", f"all keep up, {total} records to apply"))


def group(members: int, name: str) -> Finding:
    """Whether a worker is there."""
    check = ("工作进程", "workers")
    if members:
        return Finding(check, Level.OK, (f"{name}：{members} 个成员", f"{name} has {members} members"))
    return Finding(
        check,
        Level.FAIL,
        (f"消费组 {name} 没有成员", f"the group {name} has no member"),
        ("启动 `linkage worker`", "start `linkage worker`"),
    )


@dataclass(frozen=True, slots=True)
class _Limit:
    """A number that should not be above `most`."""

    check: tuple[str, str]
    value: Callable[[Standings], float]
    most: float
    level: Level
    unit: tuple[str, str]
    remedy: tuple[str, str]


_RELAY = ("`linkage relay` 是否在运行并处于活动状态？", "does `linkage relay` run, and is it active?")
_SECONDS = ("秒", "s")
_LIMITS: Sequence[_Limit] = (
    _Limit(("发件箱", "outbox"), lambda now: now.outbox_seconds, 30, Level.FAIL, _SECONDS, _RELAY),
    _Limit(
        ("未发出的送达", "deliveries not sent"),
        lambda now: now.unnumbered + sum(feed.unpublished for feed in now.feeds),
        1000,
        Level.WARN,
        ("条", "entries"),
        _RELAY,
    ),
    _Limit(
        ("到期提示", "alarms past due"),
        lambda now: now.held_seconds,
        5,
        Level.FAIL,
        _SECONDS,
        ("`linkage clock`、relay、worker 是否都在运行？", "do `linkage clock`, relay and worker run?"),
    ),
    _Limit(
        ("未处理的隔离记录", "open quarantine"),
        lambda now: sum(now.set_aside.values()),
        0,
        Level.WARN,
        ("条", "records"),
        ("从 `linkage dlq groups` 第一行开始处理", "begin at the top of `linkage dlq groups`"),
    ),
    _Limit(
        ("按原规则计算的期限", "clocks by other rules"),
        lambda now: now.other_rules,
        0,
        Level.WARN,
        ("件案件", "cases"),
        (
            "规则、名册或者配置已变更：用 `linkage rules diff` 查看影响，重建数据库后切换",
            "rules, register or profiles changed: see what it moves by `linkage rules diff`, then `linkage rebuild`",
        ),
    ),
    _Limit(
        ("重新投递作业", "redrive jobs"),
        lambda now: now.redriving.get("waiting", 0) + now.redriving.get("sent", 0),
        0,
        Level.WARN,
        ("条未完成", "records not settled"),
        (
            "`linkage dlq jobs`，必要时 `linkage dlq resume`",
            "`linkage dlq jobs`, then `linkage dlq resume` if needed",
        ),
    ),
)


def work(now: Standings) -> Iterator[Finding]:
    """Whether what is decided is on its way, and what waits for a person."""
    for limit in _LIMITS:
        value = limit.value(now)
        wrong = value > limit.most
        yield Finding(
            limit.check,
            limit.level if wrong else Level.OK,
            (f"{value:.0f} {limit.unit[0]}", f"{value:.0f} {limit.unit[1]}"),
            limit.remedy if wrong else ("", ""),
        )


RECONCILED_WITHIN = timedelta(hours=3)


def reconciled(now: Standings) -> Finding:
    """Whether the last reconciliation found that all agrees, and is not long ago."""
    check = ("对账", "reconciliation")
    at = now.reconciled_at
    if now.differences:
        return Finding(
            check,
            Level.FAIL,
            (f"{now.differences} 处不符", f"{now.differences} differences"),
            (
                "运行 `linkage reconcile --last 1`，见 docs/operating.md",
                "run `linkage reconcile --last 1`, see docs/operating.md#linkagedifference",
            ),
        )
    if at is None or now.at - at > RECONCILED_WITHIN:
        told = (
            ("尚未对账", "nothing was compared yet")
            if at is None
            else (f"上次 {at:%F %T}", f"last at {at:%F %T}")
        )
        return Finding(
            check,
            Level.WARN,
            told,
            ("`linkage clock` 是否在运行？有无积压？", "does `linkage clock` run? is there a backlog?"),
        )
    return Finding(check, Level.OK, (f"全部相符（{at:%F %T} UTC）", f"everything agrees ({at:%F %T} UTC)"))


def silence(engine: Engine, rulebook: Rulebook, now: datetime) -> Finding:
    """Which units have fallen silent by their own habit."""
    check = ("单位报送", "units heard")
    silent = [
        unit for unit, (state, _) in hearings_of(engine, rulebook, now).items() if state is Hearing.SILENT
    ]
    if not silent:
        return Finding(check, Level.OK, ("没有异常沉默的单位", "no unit is silent beyond its habit"))
    told = ", ".join(silent)
    return Finding(
        check,
        Level.WARN,
        (f"沉默超过以往：{told}", f"silent for longer than ever: {told}"),
        ("联系单位；`linkage dlq list --unit CODE`", "call them; `linkage dlq list --unit CODE`"),
    )


def guarded(
    check: tuple[str, str], look: Callable[[], Iterator[Finding] | Finding], remedy: tuple[str, str]
) -> Iterator[Finding]:
    """The findings of a check; one that cannot be made is a finding too."""
    try:
        found: Any = look()
        yield from (found,) if isinstance(found, Finding) else list(found)
    except Exception as error:  # noqa: BLE001  (whatever it is, the other checks go on)
        told = f"{type(error).__name__}: {error}".split("\n")[0]
        yield Finding(check, Level.FAIL, (f"无法检查：{told}", f"cannot be checked: {told}"), remedy)
