import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPrivateKeySpec;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/** Answers lines of test_example_sealing.py by the Java example's sealing. */
final class SealingAsked {
    private static final HexFormat HEX = HexFormat.of();

    public static void main(String[] arguments) throws Exception {
        var lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] words = line.split(" ");
            try {
                System.out.println(switch (words[0]) {
                    case "hpke" -> hpke(words);
                    case "key" -> key(words);
                    default -> seal(words);
                });
            } catch (Exception problem) {
                System.out.println("refused " + problem);
            }
            System.out.flush();
        }
    }

    private static String hpke(String[] words) throws Exception {
        var secret = new XECPrivateKeySpec(NamedParameterSpec.X25519, HEX.parseHex(words[2]));
        var own = new KeyPair(Sealing.publicKey(HEX.parseHex(words[3])),
                KeyFactory.getInstance("X25519").generatePrivate(secret));
        var to = Sealing.sender(HEX.parseHex(words[1]), HEX.parseHex(words[4]), own);
        byte[] sealed = Sealing.encrypted(to.key(), to.nonce(), HEX.parseHex(words[5]), HEX.parseHex(words[6]));
        return String.join(" ", HEX.formatHex(to.enc()), HEX.formatHex(to.key()), HEX.formatHex(to.nonce()),
                HEX.formatHex(sealed));
    }

    private static String key(String[] words) throws Exception {
        var environment = new HashMap<>(Map.of("LINKAGE_GATEWAY", words[1], "LINKAGE_KEY", "lk_1"));
        if (words.length > 2) {
            environment.put("LINKAGE_INGRESS_KEY", words[2]);
        }
        return Sealing.ingressKey(environment).map(Sealing.Key::name).orElse("none");
    }

    private static String seal(String[] words) throws Exception {
        var headers = new HashMap<String, String>();
        for (int place = 4; place < words.length; place++) {
            String[] header = words[place].split("=", 2);
            headers.put(header[0], header[1]);
        }
        byte[] value = HEX.parseHex(words[3].substring(1));
        return HEX.formatHex(Sealing.sealed(Sealing.read(words[2]), headers, value, Instant.parse(words[1])));
    }
}
