import io.apicurio.registry.serde.avro.AvroKafkaDeserializer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordDeserializationException;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Prints a unit's feed with stock parts alone: Kafka's consumer and the deserializer of the Apicurio Registry, which
 * takes the contract of every record from a registry that `linkage schemas push` has filled.
 *
 * <pre>mvn -q package
 * LINKAGE_BOOTSTRAP=127.0.0.1:9092 LINKAGE_REGISTRY=http://registry:8080 LINKAGE_UNIT=by-env \
 *     java -cp 'target/classes:target/lib/*' ReadFeed</pre>
 */
public final class ReadFeed {
    private static final String FEED = setting("LINKAGE_NAMESPACE", "") + "feed-" + setting("LINKAGE_UNIT", "by-env");
    private static final Map<String, Object> SETTINGS = Map.of(
            "bootstrap.servers", setting("LINKAGE_BOOTSTRAP", "127.0.0.1:9092"),
            "auto.offset.reset", "earliest",
            "key.deserializer", StringDeserializer.class,
            "value.deserializer", AvroKafkaDeserializer.class,
            "apicurio.registry.url", setting("LINKAGE_REGISTRY", "http://127.0.0.1:8080") + "/apis/registry/v3");

    public static void main(String[] arguments) {
        long most = arguments.length > 0 ? Long.parseLong(arguments[0]) : Long.MAX_VALUE;
        try (var consumer = new KafkaConsumer<String, GenericRecord>(SETTINGS)) {
            consumer.assign(List.of(new TopicPartition(FEED, 0)));
            long seen = 0;
            while (seen < most) {
                for (var record : polled(consumer)) {
                    seen = Math.max(seen, shown(record, seen));
                }
            }
        }
    }

    /** What there is. A signed head of the feed is no event and has no contract: whoever verifies reads it (docs/proof.md). */
    private static Iterable<ConsumerRecord<String, GenericRecord>> polled(KafkaConsumer<String, GenericRecord> consumer) {
        try {
            return consumer.poll(Duration.ofSeconds(1));
        } catch (RecordDeserializationException problem) {
            if (problem.headers().lastHeader("linkage-head") == null) {
                throw problem;
            }
            consumer.seek(problem.topicPartition(), problem.offset() + 1);
            return List.of();
        }
    }

    /** Prints an entry and returns its number. Numbers run without gaps; one that was seen before is a repetition. */
    private static long shown(ConsumerRecord<String, GenericRecord> record, long seen) {
        long number = Long.parseLong(header(record, "linkage-seq"));
        if (number > seen) {
            System.out.printf("%d %s %s%n", number, header(record, "ce_type"), record.value());
        }
        return number;
    }

    private static String header(ConsumerRecord<String, GenericRecord> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    private static String setting(String name, String otherwise) {
        return System.getenv().getOrDefault(name, otherwise);
    }
}
