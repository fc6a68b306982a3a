import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * A unit says one event on the linkage bus and reads its feed, with stock clients: kafka-clients and avro.
 *
 * <pre>mvn -q package
 * LINKAGE_BOOTSTRAP=127.0.0.1:9092 LINKAGE_UNIT=by-env java -cp 'target/classes:target/lib/*' Join</pre>
 *
 * <p>With LINKAGE_INGRESS_KEY, or LINKAGE_GATEWAY and LINKAGE_KEY, what it says is sealed. Where Kafka asks for a
 * password: LINKAGE_KAFKA_PROTOCOL, LINKAGE_KAFKA_USER, LINKAGE_KAFKA_PASSWORD, and LINKAGE_KAFKA_CA_FILE for TLS.
 */
public final class Join {
    private static final String UNIT = setting("LINKAGE_UNIT", "by-env");
    private static final String NAMESPACE = setting("LINKAGE_NAMESPACE", "");
    private static final Path SCHEMAS = Path.of(setting("LINKAGE_SCHEMAS", "../../../schemas/avro"));
    private static final JsonNode RELEASED = released();
    private static final String TYPE = "transfer.sent";
    private static final int SCHEMA_ID = 13; // it stands in docs/catalogue.md and never changes
    private static final UUID CASES = UUID.fromString("0b6c2f0e-6f0a-5c55-9d6b-7b2f6d0a1c01"); // schemas/identity.py

    public static void main(String[] arguments) throws Exception {
        Map<String, Object> kafka = kafka();
        say(kafka);
        read(kafka, arguments.length > 0 ? Long.parseLong(arguments[0]) : Long.MAX_VALUE);
    }

    private static void say(Map<String, Object> kafka) throws Exception {
        Schema schema = contract(SCHEMA_ID);
        GenericRecord data = new GenericRecordBuilder(schema)
                .set("addressee", "by-police")
                .set("letter_no", "云环移〔2026〕3号")
                .set("offence", "污染环境罪")
                .set("parties", List.of(party(schema, "陈某某")))
                .build();
        String number = "云环立〔2026〕9号";
        String subject = caseId(UNIT, number).toString();
        Map<String, String> headers = Map.ofEntries(
                Map.entry("ce_specversion", "1.0"),
                Map.entry("ce_id", "java-1"), // from your own records: with the same id a repetition is the same event
                Map.entry("ce_source", UNIT),
                Map.entry("ce_type", TYPE),
                Map.entry("ce_subject", subject),
                Map.entry("ce_time", "2026-03-11T09:30:00+08:00"),
                Map.entry("ce_originunit", UNIT),
                Map.entry("ce_origincase", URLEncoder.encode(number, StandardCharsets.UTF_8).replace("+", "%20")),
                Map.entry("ce_partitionkey", subject),
                Map.entry("content-type", "application/avro"));
        byte[] value = sealedIfThereIsAKey(headers, framed(data));
        var record = new ProducerRecord<>(NAMESPACE + "ingress-" + UNIT, bytes(subject), value);
        headers.forEach((name, text) -> record.headers().add(name, bytes(text)));
        try (var producer = new KafkaProducer<>(kafka, new ByteArraySerializer(), new ByteArraySerializer())) {
            var receipt = producer.send(record).get(); // acks=all and idempotence are Kafka's defaults
            System.out.printf("said java-1: %s/%d/%d%n", receipt.topic(), receipt.partition(), receipt.offset());
        }
    }

    private static GenericRecord party(Schema schema, String name) {
        Schema party = schema.getField("parties").schema().getElementType();
        return new GenericRecordBuilder(party)
                .set("name", name)
                .set("kind", new GenericData.EnumSymbol(party.getField("kind").schema(), "natural_person"))
                .build();
    }

    /** Ingress topics are kept for ever: whatever lies there in the clear can be read by whoever gets hold of a disk. */
    private static byte[] sealedIfThereIsAKey(Map<String, String> headers, byte[] value) throws Exception {
        var key = Sealing.ingressKey(System.getenv());
        if (key.isEmpty()) {
            System.err.println("in the clear: no ingress key (LINKAGE_INGRESS_KEY, or LINKAGE_GATEWAY and LINKAGE_KEY)");
            return value;
        }
        if (Instant.now().isAfter(key.get().renewBy())) {
            System.err.printf("get a newer ingress key: %s opens until %s%n", key.get().name(), key.get().expiresAt());
        }
        return Sealing.sealed(key.get(), headers, value, Instant.now());
    }

    private static Map<String, Object> kafka() {
        String protocol = setting("LINKAGE_KAFKA_PROTOCOL", "PLAINTEXT");
        var options = new HashMap<String, Object>();
        options.put("bootstrap.servers", setting("LINKAGE_BOOTSTRAP", "127.0.0.1:9092"));
        options.put("security.protocol", protocol);
        if (protocol.startsWith("SASL_")) {
            options.put("sasl.mechanism", "SCRAM-SHA-512");
            options.put("sasl.jaas.config", "org.apache.kafka.common.security.scram.ScramLoginModule required "
                    + "username=\"%s\" password=\"%s\";"
                            .formatted(setting("LINKAGE_KAFKA_USER", ""), setting("LINKAGE_KAFKA_PASSWORD", "")));
        }
        if (!setting("LINKAGE_KAFKA_CA_FILE", "").isEmpty()) {
            options.put("ssl.truststore.type", "PEM");
            options.put("ssl.truststore.location", setting("LINKAGE_KAFKA_CA_FILE", ""));
        }
        return options;
    }

    /** Shows what is delivered to the unit. Numbers run without gaps; one that was seen before is a repetition. */
    private static void read(Map<String, Object> kafka, long most) throws Exception {
        try (var consumer = new KafkaConsumer<>(kafka, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            var feed = List.of(new TopicPartition(NAMESPACE + "feed-" + UNIT, 0));
            consumer.assign(feed);
            consumer.seekToBeginning(feed);
            long seen = 0;
            while (seen < most) {
                for (var record : consumer.poll(Duration.ofSeconds(1))) {
                    if (record.headers().lastHeader("linkage-seq") == null) {
                        continue; // a signed head of the feed, for those who verify (docs/proof.md)
                    }
                    long number = Long.parseLong(text(record.headers(), "linkage-seq"));
                    if (number <= seen) {
                        continue;
                    }
                    seen = number;
                    String type = text(record.headers(), "ce_type");
                    String about = URLDecoder.decode(text(record.headers(), "ce_origincase"), StandardCharsets.UTF_8);
                    GenericRecord data = unframed(record.value());
                    Object offence = data.hasField("offence") ? data.get("offence") : null;
                    System.out.printf("read %d: %s %s %s%n", number, type, about, offence == null ? "" : offence);
                }
            }
        }
    }

    /** Confluent's framing: a zero byte, the schema id in four bytes, the Avro body. */
    private static byte[] framed(GenericRecord data) throws IOException {
        var out = new ByteArrayOutputStream();
        out.writeBytes(ByteBuffer.allocate(5).put((byte) 0).putInt(SCHEMA_ID).array());
        var encoder = EncoderFactory.get().directBinaryEncoder(out, null);
        new GenericDatumWriter<GenericRecord>(data.getSchema()).write(data, encoder);
        encoder.flush();
        return out.toByteArray();
    }

    private static GenericRecord unframed(byte[] value) throws IOException {
        Schema schema = contract(ByteBuffer.wrap(value).getInt(1));
        var decoder = DecoderFactory.get().binaryDecoder(value, 5, value.length - 5, null);
        return new GenericDatumReader<GenericRecord>(schema).read(null, decoder);
    }

    /** By id: a type has several versions in time, and a record says with the id which one it was written with. */
    private static Schema contract(int id) {
        return new Schema.Parser().parse(RELEASED.get(Integer.toString(id)).toString());
    }

    private static JsonNode released() {
        try {
            return new ObjectMapper().readTree(SCHEMAS.resolve("released.json").toFile());
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    /** A UUID of version 5: everybody derives the same id from the unit that opened the case and its own number. */
    private static UUID caseId(String unit, String number) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-1");
        digest.update(ByteBuffer.allocate(16)
                .putLong(CASES.getMostSignificantBits()).putLong(CASES.getLeastSignificantBits()).array());
        byte[] hash = digest.digest(bytes(unit + "\n" + number.strip()));
        hash[6] = (byte) (hash[6] & 0x0f | 0x50);
        hash[8] = (byte) (hash[8] & 0x3f | 0x80);
        ByteBuffer halves = ByteBuffer.wrap(hash);
        return new UUID(halves.getLong(), halves.getLong());
    }

    private static String text(Headers headers, String name) {
        Header header = headers.lastHeader(name);
        return header == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String setting(String name, String otherwise) {
        return System.getenv().getOrDefault(name, otherwise);
    }
}
