import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Takes notices 回调通知 of hedui. Java 17 or newer, nothing else.
 *
 * <p>java Notices.java ed25519 KEYID=X URL, or java Notices.java hmac KEY URL: KEYID and X are `kid`
 * and `x` of GET /v1/notices/keys (more pairs parted by commas), KEY is `key` of GET /v1/notices/key,
 * URL the callback_url as it was given. The example reads requests as lines, parted by tabs: seconds
 * now, the body in base64, then each header as name=value in lower case; and writes a word for each. In
 * a web application call `judge` with what came (the body as bytes, before any parser).
 */
public final class Notices {
  private static final long WINDOW = 300; // seconds that a notice may be on its way, and clocks differ
  private static final List<String> COVERED =
      List.of("@method", "@target-uri", "content-digest", "x-hedui-event", "x-hedui-timestamp");
  private static final Pattern INPUT =
      Pattern.compile("hedui=(\\(([^()]*)\\)[^,]*;keyid=\"([^\",]+)\"[^,]*)");
  private static final Pattern SIGNATURE = Pattern.compile("hedui=:([A-Za-z0-9+/=]+):");
  // With a JSON library read `event_id` by it; the signed header says the same.
  private static final Pattern EVENT = Pattern.compile("\"event_id\" ?: ?\"([^\"]+)\"");

  private final byte[] ownKey; // null where public keys are used
  private final Map<String, PublicKey> publicKeys;
  private final String url;
  // In earnest a table with a unique column: insert and the work in one transaction.
  private final Set<String> seen = ConcurrentHashMap.newKeySet();

  Notices(byte[] ownKey, Map<String, PublicKey> publicKeys, String url) {
    this.ownKey = ownKey;
    this.publicKeys = publicKeys;
    this.url = url;
  }

  /** accepted, repeated (answer 200, do nothing) or refused (answer 401). */
  String judge(Map<String, String> headers, byte[] body, long now) throws GeneralSecurityException {
    if (!(ownKey == null ? byPublicKey(headers, body) : byOwnKey(headers, body))) {
      return "refused";
    }
    String sentAt = headers.getOrDefault("x-hedui-timestamp", "");
    if (!sentAt.matches("[0-9]{1,12}") || Math.abs(now - Long.parseLong(sentAt)) > WINDOW) {
      return "refused";
    }
    Matcher event = EVENT.matcher(new String(body, StandardCharsets.UTF_8));
    if (!event.find() || !event.group(1).equals(headers.get("x-hedui-event"))) {
      return "refused";
    }
    return seen.add(event.group(1)) ? "accepted" : "repeated";
  }

  private boolean byOwnKey(Map<String, String> headers, byte[] body) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(ownKey, "HmacSHA256"));
    mac.update((headers.getOrDefault("x-hedui-timestamp", "") + ".").getBytes(StandardCharsets.UTF_8));
    String made = "sha256=" + HexFormat.of().formatHex(mac.doFinal(body));
    String given = headers.getOrDefault("x-hedui-signature", "");
    return MessageDigest.isEqual(
        made.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
  }

  private boolean byPublicKey(Map<String, String> headers, byte[] body)
      throws GeneralSecurityException {
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(body);
    String digest = "sha-256=:" + Base64.getEncoder().encodeToString(hash) + ":";
    Matcher told = INPUT.matcher(headers.getOrDefault("signature-input", ""));
    Matcher signature = SIGNATURE.matcher(headers.getOrDefault("signature", ""));
    if (!digest.equals(headers.get("content-digest")) || !told.matches() || !signature.matches()) {
      return false;
    }
    List<String> names = Arrays.asList(told.group(2).replace("\"", "").split(" "));
    PublicKey key = publicKeys.get(told.group(3));
    if (key == null || !names.containsAll(COVERED)) {
      return false;
    }
    Map<String, String> own = Map.of("@method", "POST", "@target-uri", url);
    List<String> lines = new ArrayList<>();
    for (String name : names) {
      lines.add("\"" + name + "\": " + own.getOrDefault(name, headers.get(name)));
    }
    lines.add("\"@signature-params\": " + told.group(1));
    Signature ed25519 = Signature.getInstance("Ed25519");
    ed25519.initVerify(key);
    ed25519.update(String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
    byte[] given = Base64.getDecoder().decode(signature.group(1));
    return given.length == 64 && ed25519.verify(given);
  }

  /** `x` of a JWK (RFC 8037): 32 bytes, the least first; the last bit is the sign of the other axis. */
  static PublicKey publicKey(String x) throws GeneralSecurityException {
    byte[] bytes = Base64.getUrlDecoder().decode(x);
    boolean isOdd = (bytes[31] & 0x80) != 0;
    bytes[31] &= 0x7f;
    byte[] greatestFirst = new byte[32];
    for (int i = 0; i < 32; i++) {
      greatestFirst[i] = bytes[31 - i];
    }
    EdECPoint point = new EdECPoint(isOdd, new BigInteger(1, greatestFirst));
    return KeyFactory.getInstance("Ed25519")
        .generatePublic(new EdECPublicKeySpec(NamedParameterSpec.ED25519, point));
  }

  public static void main(String[] given) throws Exception {
    byte[] ownKey = given[0].equals("hmac") ? HexFormat.of().parseHex(given[1]) : null;
    Map<String, PublicKey> publicKeys = new HashMap<>();
    for (String pair : ownKey == null ? given[1].split(",") : new String[0]) {
      publicKeys.put(pair.substring(0, pair.indexOf('=')), publicKey(pair.substring(pair.indexOf('=') + 1)));
    }
    Notices notices = new Notices(ownKey, publicKeys, given[2]);
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] parts = line.split("\t");
      Map<String, String> headers = new HashMap<>();
      for (String header : Arrays.copyOfRange(parts, 2, parts.length)) {
        int at = header.indexOf('=');
        headers.put(header.substring(0, at), header.substring(at + 1));
      }
      byte[] body = Base64.getDecoder().decode(parts[1]);
      System.out.println(notices.judge(headers, body, Long.parseLong(parts[0])));
    }
  }
}
