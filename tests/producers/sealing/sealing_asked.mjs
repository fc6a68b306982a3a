// Answers lines of `test_example_sealing.py` by the JavaScript example's sealing, whose file is the argument.
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const { encrypted, ingressKey, readIngressKey, sealed, sender } = await import(pathToFileURL(process.argv[2]));

const bytes = (hex) => Buffer.from(hex, 'hex');
const jwk = (parts) => ({ kty: 'OKP', crv: 'X25519', ...parts });
const word = (hex) => bytes(hex).toString('base64url');

function hpke(recipient, secret, own, info, text, bound) {
  const pair = {
    privateKey: createPrivateKey({ key: jwk({ d: word(secret), x: word(own) }), format: 'jwk' }),
    publicKey: createPublicKey({ key: jwk({ x: word(own) }), format: 'jwk' }),
  };
  const { enc, key, nonce } = sender(bytes(recipient), bytes(info), pair);
  return [enc, key, nonce, encrypted(key, nonce, bytes(text), bytes(bound))].map((one) => one.toString('hex')).join(' ');
}

function seal(now, key, value, ...headers) {
  const told = Object.fromEntries(headers.map((header) => header.split('=', 2)));
  return sealed(readIngressKey(key), told, bytes(value.slice(1)), new Date(now)).toString('hex');
}

async function key(gateway, word) {
  const environment = { LINKAGE_GATEWAY: gateway, LINKAGE_KEY: 'lk_1', LINKAGE_INGRESS_KEY: word };
  return (await ingressKey(environment))?.name ?? 'none';
}

for await (const line of createInterface({ input: process.stdin })) {
  const [what, ...words] = line.split(' ');
  try {
    console.log(await { hpke, key, seal }[what](...words));
  } catch (error) {
    console.log(`refused ${error}`);
  }
}
