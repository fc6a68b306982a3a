import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.Schema;
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
 */
public final class Join {
    private static final String UNIT = setting("LINKAGE_UNIT", "by-env");
    private static final String NAMESPACE = setting("LINKAGE_NAMESPACE", "");
    private static final Path SCHEMAS = Path.of(setting("LINKAGE_SCHEMAS", "../../../schemas/avro"));
    private static final String TYPE = "transfer.sent";
    private static final int SCHEMA_ID = 13; // it stands in docs/catalogue.md and never changes
    private static final UUID CASES = UUID.fromString("0b6c2f0e-6f0a-5c55-9d6b-7b2f6d0a1c01"); // schemas/identity.py

    public static void main(String[] arguments) throws Exception {
        Map<String, Object> kafka = Map.of("bootstrap.servers", setting("LINKAGE_BOOTSTRAP", "127.0.0.1:9092"));
        say(kafka);
        read(kafka, arguments.length > 0 ? Long.parseLong(arguments[0]) : Long.MAX_VALUE);
    }

    private static void say(Map<String, Object> kafka) throws Exception {
        Schema schema = contract(TYPE);
        GenericRecord data = new GenericRecordBuilder(schema)
                .set("addressee", "by-police")
                .set("letter_no", "云环移〔2026〕3号")
                .set("offence", "污染环境罪")
                .build();
        String number = "云环立〔2026〕9号";
        byte[] subject = bytes(caseId(UNIT, number).toString());
        var record = new ProducerRecord<>(NAMESPACE + "ingress-" + UNIT, subject, framed(data));
        Headers headers = record.headers();
        headers.add("ce_specversion", bytes("1.0"));
        headers.add("ce_id", bytes("java-1")); // from your own records: with the same id a repetition is the same event
        headers.add("ce_source", bytes(UNIT));
        headers.add("ce_type", bytes(TYPE));
        headers.add("ce_subject", subject);
        headers.add("ce_time", bytes("2026-03-11T09:30:00+08:00"));
        headers.add("ce_originunit", bytes(UNIT));
        headers.add("ce_origincase", bytes(URLEncoder.encode(number, StandardCharsets.UTF_8).replace("+", "%20")));
        headers.add("ce_partitionkey", subject);
        headers.add("content-type", bytes("application/avro"));
        try (var producer = new KafkaProducer<>(kafka, new ByteArraySerializer(), new ByteArraySerializer())) {
            var receipt = producer.send(record).get(); // acks=all and idempotence are Kafka's defaults
            System.out.printf("said java-1: %s/%d/%d%n", receipt.topic(), receipt.partition(), receipt.offset());
        }
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
                    GenericRecord data = unframed(contract(type), record.value());
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

    private static GenericRecord unframed(Schema schema, byte[] value) throws IOException {
        var decoder = DecoderFactory.get().binaryDecoder(value, 5, value.length - 5, null);
        return new GenericDatumReader<GenericRecord>(schema).read(null, decoder);
    }

    private static Schema contract(String type) throws IOException {
        return new Schema.Parser().parse(SCHEMAS.resolve(type + ".v1.avsc").toFile());
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
