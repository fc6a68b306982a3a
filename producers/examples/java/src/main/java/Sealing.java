import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.interfaces.XECPublicKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPublicKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals what a unit says over Kafka to the ingress key of the installation, with the JDK alone: docs/sealing.md.
 *
 * <p>HPKE (RFC 9180) in base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.
 */
final class Sealing {
    private static final byte[] BEGINS = bytes("linkage ingress 1\n");
    private static final int BLOCK = 64;
    private static final Pattern KEY_TEXT = Pattern.compile(
            "linkage-ingress\\.1\\.([A-Z])\\.([\\w-]{8})\\.(\\d{8}T\\d{6}Z)\\.(\\d{8}T\\d{6}Z)\\.([\\w-]{43})");
    private static final DateTimeFormatter TIMES =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmssX").withZone(ZoneOffset.UTC);
    private static final String NO_KEY = "urn:linkage:problem:no-ingress-key";
    private static final byte[] KEM = {'K', 'E', 'M', 0, 0x20}; // with the number of the key agreement
    private static final byte[] SUITE = {'H', 'P', 'K', 'E', 0, 0x20, 0, 1, 0, 2}; // with agreement, hash and cipher
    private static final byte[] NOTHING = {};
    private static final SecureRandom RANDOM = new SecureRandom();

    /** What the installation tells its units to seal to. */
    record Key(String suite, String name, Instant renewBy, Instant expiresAt, byte[] publicKey) {}

    /** HPKE's sender: its public key, and key and nonce for the one message. */
    record Sender(byte[] enc, byte[] key, byte[] nonce) {}

    /**
     * The key in LINKAGE_INGRESS_KEY, or else the one that the gateway tells; empty if there is none. A program that
     * stays up asks again every hour. Throws if the gateway does not answer: better late than in the clear.
     */
    static Optional<Key> ingressKey(Map<String, String> environment) throws IOException, InterruptedException {
        if (!environment.getOrDefault("LINKAGE_INGRESS_KEY", "").isEmpty()) {
            return Optional.of(read(environment.get("LINKAGE_INGRESS_KEY")));
        }
        if (environment.getOrDefault("LINKAGE_GATEWAY", "").isEmpty()) {
            return Optional.empty();
        }
        var address = URI.create(environment.get("LINKAGE_GATEWAY").replaceAll("/+$", "") + "/v1/ingress-key");
        var asked = HttpRequest.newBuilder(address)
                .timeout(Duration.ofSeconds(10))
                .header("Authorization", "Bearer " + environment.get("LINKAGE_KEY"))
                .build();
        var answer = HttpClient.newHttpClient().send(asked, BodyHandlers.ofString());
        if (answer.statusCode() == 404 && answer.body().contains(NO_KEY)) {
            return Optional.empty();
        }
        var found = KEY_TEXT.matcher(answer.body()); // the answer's `text`
        if (answer.statusCode() != 200 || !found.find()) {
            throw new IOException(address + " tells no ingress key: " + answer.statusCode() + " " + answer.body());
        }
        return Optional.of(read(found.group()));
    }

    static Key read(String text) {
        var found = KEY_TEXT.matcher(text.strip());
        if (!found.matches()) {
            throw new IllegalArgumentException(
                    "this is no ingress key: GET /v1/ingress-key and the operator tell it in one word");
        }
        return new Key(found.group(1), found.group(2), time(found.group(3)), time(found.group(4)),
                Base64.getUrlDecoder().decode(found.group(5)));
    }

    private static Instant time(String told) {
        return TIMES.parse(told, Instant::from);
    }

    /**
     * The value as it goes into the ingress topic, of no use with the headers of another event. The key in it is new
     * for every value, and sealed to the installation. Throws if the bus would not open it.
     */
    static byte[] sealed(Key key, Map<String, String> headers, byte[] value, Instant now)
            throws GeneralSecurityException {
        if (!now.isBefore(key.expiresAt())) {
            throw new GeneralSecurityException("ingress key " + key.name() + " expired at " + key.expiresAt()
                    + ": ask for the current one");
        }
        if (!key.suite().equals("A")) {
            throw new GeneralSecurityException("ingress key " + key.name() + " asks for suite " + key.suite()
                    + ", which the JDK has not: say it to the gateway, which seals");
        }
        byte[] head = joined(BEGINS, bytes(key.suite() + "." + key.name() + "\n"));
        byte[] bound = joined(head, bytes(identity(headers)));
        byte[] padding = new byte[BLOCK - value.length % BLOCK];
        padding[0] = (byte) 0x80;
        byte[] secret = random(32);
        byte[] nonce = random(12);
        Sender to = sender(key.publicKey(), bound, KeyPairGenerator.getInstance("X25519").generateKeyPair());
        return joined(head, to.enc(), encrypted(to.key(), to.nonce(), secret, NOTHING),
                nonce, encrypted(secret, nonce, joined(value, padding), bound));
    }

    /** What makes the event the one it is, a line each. */
    private static String identity(Map<String, String> headers) {
        return String.join("\n", headers.get("ce_source"), headers.get("ce_id"), headers.get("ce_type"),
                headers.get("ce_subject"), utc(headers.get("ce_time")),
                headers.getOrDefault("ce_timeprecision", "second"), "");
    }

    /** In UTC with +00:00, and with six digits of a second if it has a fraction. */
    private static String utc(String told) {
        var time = OffsetDateTime.parse(told).withOffsetSameInstant(ZoneOffset.UTC).truncatedTo(ChronoUnit.MICROS);
        String fraction = time.getNano() == 0 ? "" : ".SSSSSS";
        return time.format(DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss" + fraction + "xxx"));
    }

    /** HPKE's SetupBaseS (RFC 9180, 5.1.1). {@code own} is a pair of keys for this message alone. */
    static Sender sender(byte[] recipient, byte[] info, KeyPair own) throws GeneralSecurityException {
        byte[] enc = raw(own.getPublic());
        var agreement = KeyAgreement.getInstance("X25519");
        agreement.init(own.getPrivate());
        agreement.doPhase(publicKey(recipient), true); // throws for a public key of small order
        byte[] agreed = agreement.generateSecret();
        byte[] shared = expanded(KEM, extracted(KEM, NOTHING, "eae_prk", agreed), "shared_secret",
                joined(enc, recipient), 32);
        byte[] context = joined(new byte[1], extracted(SUITE, NOTHING, "psk_id_hash", NOTHING), // 0: base mode
                extracted(SUITE, NOTHING, "info_hash", info));
        byte[] secret = extracted(SUITE, shared, "secret", NOTHING);
        return new Sender(enc, expanded(SUITE, secret, "key", context, 32),
                expanded(SUITE, secret, "base_nonce", context, 12));
    }

    /** AES-256-GCM: ciphertext and tag. */
    static byte[] encrypted(byte[] key, byte[] nonce, byte[] text, byte[] bound) throws GeneralSecurityException {
        var cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, nonce));
        cipher.updateAAD(bound);
        return cipher.doFinal(text);
    }

    private static byte[] extracted(byte[] suite, byte[] salt, String label, byte[] text)
            throws GeneralSecurityException {
        byte[] filled = salt.length == 0 ? new byte[32] : salt; // the same to HMAC; Java takes no empty key
        return hmac(filled, bytes("HPKE-v1"), suite, bytes(label), text);
    }

    /** One round of HKDF is enough: nothing longer than its 32 bytes is needed. */
    private static byte[] expanded(byte[] suite, byte[] key, String label, byte[] info, int length)
            throws GeneralSecurityException {
        byte[] wanted = {0, (byte) length};
        byte[] made = hmac(key, wanted, bytes("HPKE-v1"), suite, bytes(label), info, new byte[] {1});
        return Arrays.copyOf(made, length);
    }

    private static byte[] hmac(byte[] key, byte[]... parts) throws GeneralSecurityException {
        var mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(joined(parts));
    }

    /** The key of these 32 bytes, the least one first (RFC 7748); the highest bit does not count. */
    static PublicKey publicKey(byte[] raw) throws GeneralSecurityException {
        byte[] number = reversed(raw);
        number[0] &= 0x7f;
        var spec = new XECPublicKeySpec(NamedParameterSpec.X25519, new BigInteger(1, number));
        return KeyFactory.getInstance("X25519").generatePublic(spec);
    }

    private static byte[] raw(PublicKey key) {
        return Arrays.copyOf(reversed(((XECPublicKey) key).getU().toByteArray()), 32);
    }

    private static byte[] reversed(byte[] bytes) {
        byte[] turned = new byte[bytes.length];
        for (int place = 0; place < bytes.length; place++) {
            turned[place] = bytes[bytes.length - 1 - place];
        }
        return turned;
    }

    private static byte[] random(int size) {
        byte[] made = new byte[size];
        RANDOM.nextBytes(made);
        return made;
    }

    private static byte[] joined(byte[]... parts) {
        var all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
