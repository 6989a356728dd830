// Takes notices 回调通知 of hedui. Node.js 20 or newer, nothing else.
//
// node notices.mjs KEYS.json URL: KEYS.json is the answer of GET /v1/notices/keys (Ed25519) or of
// GET /v1/notices/key (HMAC), URL the callback_url as it was given. The example reads requests as JSON
// lines, {"headers": {…, names in lower case}, "body": base64, "now": seconds}, and writes a word for
// each; in a web application call `judge` with what came (the body as bytes, before any parser).

import { createHash, createHmac, createPublicKey, timingSafeEqual, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

const WINDOW = 300; // seconds that a notice may be on its way, and that clocks may differ
const COVERED = ["@method", "@target-uri", "content-digest", "x-hedui-event", "x-hedui-timestamp"];
const seen = new Set(); // in earnest a table with a unique column: insert and the work in one transaction

// accepted, repeated (answer 200, do nothing) or refused (answer 401)
export function judge(headers, body, keys, url, now = Date.now() / 1000) {
  const genuine = keys.keys ? byPublicKey : byOwnKey;
  if (!genuine(headers, body, keys, url)) return "refused";
  const sentAt = headers["x-hedui-timestamp"];
  if (!/^[0-9]+$/.test(sentAt) || Math.abs(now - Number(sentAt)) > WINDOW) return "refused";
  const event = JSON.parse(body.toString("utf8")).event_id;
  if (event !== headers["x-hedui-event"]) return "refused";
  if (seen.has(event)) return "repeated";
  seen.add(event);
  return "accepted";
}

function byOwnKey(headers, body, keys) {
  const made = createHmac("sha256", Buffer.from(keys.key, "hex"))
    .update(`${headers["x-hedui-timestamp"]}.`)
    .update(body)
    .digest("hex");
  const wanted = Buffer.from(`sha256=${made}`);
  const given = Buffer.from(headers["x-hedui-signature"] ?? "");
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function byPublicKey(headers, body, keys, url) {
  const digest = createHash("sha256").update(body).digest("base64");
  if (headers["content-digest"] !== `sha-256=:${digest}:`) return false;
  const told = /^hedui=(\(([^()]*)\)[^,]*;keyid="([^",]+)"[^,]*)$/.exec(headers["signature-input"] ?? "");
  const signature = /^hedui=:([A-Za-z0-9+/=]+):$/.exec(headers["signature"] ?? "");
  if (!told || !signature) return false;
  const names = told[2].split(" ").map((name) => name.replaceAll('"', ""));
  const key = keys.keys.find((one) => one.kid === told[3] && one.crv === "Ed25519");
  if (!key || !COVERED.every((name) => names.includes(name))) return false;
  const own = { "@method": "POST", "@target-uri": url };
  const lines = names.map((name) => `"${name}": ${own[name] ?? headers[name]}`);
  const base = [...lines, `"@signature-params": ${told[1]}`].join("\n");
  const jwk = { kty: key.kty, crv: key.crv, x: key.x };
  const publicKey = createPublicKey({ key: jwk, format: "jwk" });
  return verify(null, Buffer.from(base), publicKey, Buffer.from(signature[1], "base64"));
}

const [keysFile, url] = process.argv.slice(2);
const keys = JSON.parse(readFileSync(keysFile, "utf8"));
for await (const line of createInterface({ input: process.stdin })) {
  const it = JSON.parse(line);
  console.log(judge(it.headers, Buffer.from(it.body, "base64"), keys, url, it.now));
}
