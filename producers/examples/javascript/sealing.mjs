// Seals what a unit says over Kafka to the ingress key of the installation, with node:crypto alone: docs/sealing.md.
//
// HPKE (RFC 9180) in base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.
import {
  createCipheriv,
  createHmac,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  randomBytes,
} from 'node:crypto';

const BEGINS = 'linkage ingress 1\n';
const BLOCK = 64;
const KEY_TEXT = /^linkage-ingress\.1\.([A-Z])\.([\w-]{8})\.(\d{8}T\d{6}Z)\.(\d{8}T\d{6}Z)\.([\w-]{43})$/;
const NO_KEY = 'urn:linkage:problem:no-ingress-key';
const KEM = Buffer.from('4b454d0020', 'hex'); // "KEM" and the number of the key agreement
const SUITE = Buffer.from('48504b45002000010002', 'hex'); // "HPKE" and the numbers of key agreement, hash and cipher

// The key in LINKAGE_INGRESS_KEY, or else the one that the gateway tells; undefined if there is none. A program that
// stays up asks again every hour. Throws if the gateway does not answer: better late than in the clear.
export async function ingressKey({ LINKAGE_INGRESS_KEY: text, LINKAGE_GATEWAY: gateway, LINKAGE_KEY: apiKey }) {
  if (text) return readIngressKey(text);
  if (!gateway) return undefined;
  const address = `${gateway.replace(/\/+$/, '')}/v1/ingress-key`;
  const headers = { Authorization: `Bearer ${apiKey}` };
  const answer = await fetch(address, { headers, signal: AbortSignal.timeout(10_000) });
  const body = await answer.text();
  if (answer.status === 404 && body.includes(NO_KEY)) return undefined;
  if (!answer.ok) throw new Error(`${address} tells no ingress key: ${answer.status} ${body}`);
  return readIngressKey(JSON.parse(body).text);
}

export function readIngressKey(text) {
  const found = KEY_TEXT.exec(text.trim());
  if (!found) throw new Error('this is no ingress key: GET /v1/ingress-key and the operator tell it in one word');
  const [, suite, name, renewBy, expiresAt, publicKey] = found;
  return {
    suite,
    name,
    renewBy: time(renewBy),
    expiresAt: time(expiresAt),
    publicKey: Buffer.from(publicKey, 'base64url'),
  };
}

const time = (told) => new Date(told.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));

// The value as it goes into the ingress topic, of no use with the headers of another event. The key in it is new for
// every value, and sealed to the installation. Throws if the bus would not open it.
export function sealed(key, headers, value, now = new Date()) {
  if (now >= key.expiresAt) {
    throw new Error(`ingress key ${key.name} expired at ${key.expiresAt.toISOString()}: ask for the current one`);
  }
  if (key.suite !== 'A') {
    throw new Error(
      `ingress key ${key.name} asks for suite ${key.suite}, which Node has not: say it to the gateway, which seals`,
    );
  }
  const head = Buffer.from(`${BEGINS}${key.suite}.${key.name}\n`);
  const bound = Buffer.concat([head, Buffer.from(identity(headers))]);
  const padding = Buffer.alloc(BLOCK - (value.length % BLOCK));
  padding[0] = 0x80;
  const [secret, nonce] = [randomBytes(32), randomBytes(12)];
  const to = sender(key.publicKey, bound);
  return Buffer.concat([
    head,
    to.enc,
    encrypted(to.key, to.nonce, secret, ''),
    nonce,
    encrypted(secret, nonce, Buffer.concat([value, padding]), bound),
  ]);
}

// What makes the event the one it is, a line each.
function identity(headers) {
  const { ce_source: source, ce_id: id, ce_type: type, ce_subject: subject, ce_time: told } = headers;
  return [source, id, type, subject, utc(told), headers.ce_timeprecision ?? 'second', ''].join('\n');
}

// In UTC with +00:00, and with six digits of a second if it has a fraction.
function utc(told) {
  const [, digits = ''] = /\.(\d+)/.exec(told) ?? [];
  const micros = digits.slice(0, 6).padEnd(6, '0');
  const seconds = new Date(told.replace(/\.\d+/, '')).toISOString().slice(0, 19);
  return `${seconds}${Number(micros) ? `.${micros}` : ''}+00:00`;
}

// HPKE's SetupBaseS (RFC 9180, 5.1.1): the sender's public key, and key and nonce for the one message. `own` is a
// pair of keys for this message alone.
export function sender(recipient, info, own = generateKeyPairSync('x25519')) {
  const enc = Buffer.from(own.publicKey.export({ format: 'jwk' }).x, 'base64url');
  const jwk = { kty: 'OKP', crv: 'X25519', x: recipient.toString('base64url') };
  const publicKey = createPublicKey({ key: jwk, format: 'jwk' });
  const agreed = diffieHellman({ privateKey: own.privateKey, publicKey }); // throws for a public key of small order
  const both = Buffer.concat([enc, recipient]);
  const shared = expanded(KEM, extracted(KEM, '', 'eae_prk', agreed), 'shared_secret', both, 32);
  const hashes = [extracted(SUITE, '', 'psk_id_hash', ''), extracted(SUITE, '', 'info_hash', info)];
  const context = Buffer.concat([Buffer.of(0), ...hashes]); // 0: base mode
  const secret = extracted(SUITE, shared, 'secret', '');
  return {
    enc,
    key: expanded(SUITE, secret, 'key', context, 32),
    nonce: expanded(SUITE, secret, 'base_nonce', context, 12),
  };
}

// AES-256-GCM: ciphertext and tag.
export function encrypted(key, nonce, text, bound) {
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(bound));
  return Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
}

const extracted = (suite, salt, label, text) => hmac(salt, 'HPKE-v1', suite, label, text);

// One round of HKDF is enough: nothing longer than its 32 bytes is needed.
function expanded(suite, key, label, info, length) {
  return hmac(key, Buffer.of(0, length), 'HPKE-v1', suite, label, info, Buffer.of(1)).subarray(0, length);
}

function hmac(key, ...parts) {
  const mac = createHmac('sha256', key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}
