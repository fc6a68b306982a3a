"""The scenarios of what only a record of Kafka shows: a table."""

from __future__ import annotations

from consumers.certification import record_rules as records
from consumers.certification.scenario import Asked, Part, Scenario, Unasked, Words
from consumers.certification.watched import Transport

RECORDS: tuple[Scenario, ...] = (
    Scenario(
        "form",
        Part.SAYING,
        Words("记录格式", "The form of records"),
        {
            Transport.HTTP: Unasked(Words("由网关写入记录", "the gateway writes the records")),
            Transport.KAFKA: Asked(
                Words("写入任意事件。", "Write any events."),
                Words(
                    "按 docs/catalogue.md 写齐 ce_ 信息头，值用 Confluent 格式的 Avro，总长不超过256 KiB。",
                    "Write all ce_ headers and the value as Avro in the framing of "
                    "Confluent (docs/catalogue.md), 256 KiB at most.",
                ),
                records.form,
            ),
        },
    ),
    Scenario(
        "key",
        Part.SAYING,
        Words("记录键", "The key of records"),
        {
            Transport.HTTP: Unasked(Words("由网关写入记录", "the gateway writes the records")),
            Transport.KAFKA: Asked(
                Words("写入任意事件。", "Write any events."),
                Words(
                    "键和 ce_subject 为案件标识：由立案单位和案号推算的小写UUID。",
                    "Key and ce_subject are the case id: the lower-case UUID "
                    "that follows from unit and case number.",
                ),
                records.key,
            ),
        },
    ),
    Scenario(
        "idempotence",
        Part.SAYING,
        Words("幂等生产者", "An idempotent producer"),
        {
            Transport.HTTP: Unasked(Words("由网关写入记录", "the gateway writes the records")),
            Transport.KAFKA: Asked(
                Words("写入任意事件。", "Write any events."),
                Words(
                    "生产者设置 enable.idempotence=true、acks=all。",
                    "Set enable.idempotence=true and acks=all in the producer.",
                ),
                records.idempotence,
            ),
        },
    ),
    Scenario(
        "sealed",
        Part.SAYING,
        Words("加密报送", "Sealed on the way in"),
        {
            Transport.HTTP: Unasked(
                Words("经TLS传输，由网关加密", "it travels by TLS, and the gateway seals it")
            ),
            Transport.KAFKA: Asked(
                Words("写入任意事件。", "Write any events."),
                Words(
                    "按 docs/sealing.md 以 GET /v1/ingress-key 的公钥加密。",
                    "Seal to the key that GET /v1/ingress-key tells (docs/sealing.md).",
                ),
                records.sealed,
            ),
        },
    ),
)
