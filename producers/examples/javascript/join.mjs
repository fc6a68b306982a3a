// A unit says one event on the linkage bus and reads its feed, with stock clients: kafkajs and avsc.
//
//   LINKAGE_BOOTSTRAP=127.0.0.1:9092 LINKAGE_UNIT=by-env node join.mjs
//
// With LINKAGE_INGRESS_KEY, or LINKAGE_GATEWAY and LINKAGE_KEY, what it says is sealed. Where Kafka asks for a
// password: LINKAGE_KAFKA_PROTOCOL, LINKAGE_KAFKA_USER, LINKAGE_KAFKA_PASSWORD, and LINKAGE_KAFKA_CA_FILE for TLS.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import avro from 'avsc';
import { CompressionTypes, Kafka, logLevel } from 'kafkajs';
import { ingressKey, sealed } from './sealing.mjs';

const UNIT = process.env.LINKAGE_UNIT ?? 'by-env';
const NAMESPACE = process.env.LINKAGE_NAMESPACE ?? '';
const SCHEMAS = process.env.LINKAGE_SCHEMAS ?? new URL('../../../schemas/avro', import.meta.url).pathname;
const EVENT = { type: 'transfer.sent', schemaId: 13 }; // the id stands in docs/catalogue.md and never changes
const CASES = '0b6c2f0e6f0a5c559d6b7b2f6d0a1c01'; // the namespace of case ids: schemas/identity.py

const contract = (type) => avro.Type.forSchema(JSON.parse(readFileSync(`${SCHEMAS}/${type}.v1.avsc`, 'utf8')));

// A UUID of version 5: everybody derives the same id from the unit that opened the case and its own number.
function caseId(unit, number) {
  const hash = createHash('sha1').update(Buffer.from(CASES, 'hex')).update(`${unit}\n${number.trim()}`).digest();
  hash[6] = (hash[6] & 0x0f) | 0x50;
  hash[8] = (hash[8] & 0x3f) | 0x80;
  return hash.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

// Confluent's framing: a zero byte, the schema id in four bytes, the Avro body.
function framed(event, data) {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(event.schemaId, 1);
  return Buffer.concat([head, contract(event.type).toBuffer(data)]);
}

async function record(id, number, time, data) {
  const subject = caseId(UNIT, number);
  const headers = {
    ce_specversion: '1.0',
    ce_id: id, // from your own records: with the same id a repetition is the same event
    ce_source: UNIT,
    ce_type: EVENT.type,
    ce_subject: subject,
    ce_time: time,
    ce_originunit: UNIT,
    ce_origincase: encodeURIComponent(number),
    ce_partitionkey: subject,
    'content-type': 'application/avro',
  };
  return { key: subject, value: await sealedIfThereIsAKey(headers, framed(EVENT, data)), headers };
}

// Ingress topics are kept for ever: whatever lies there in the clear can be read by whoever gets hold of a disk.
async function sealedIfThereIsAKey(headers, value) {
  const key = await ingressKey(process.env);
  if (!key) {
    console.error('in the clear: no ingress key (LINKAGE_INGRESS_KEY, or LINKAGE_GATEWAY and LINKAGE_KEY)');
    return value;
  }
  if (new Date() > key.renewBy) {
    console.error(`get a newer ingress key: ${key.name} opens until ${key.expiresAt.toISOString()}`);
  }
  return sealed(key, headers, value);
}

async function say(kafka) {
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  const one = await record('js-1', '云环立〔2026〕9号', '2026-03-11T09:30:00+08:00', {
    addressee: 'by-police',
    letter_no: '云环移〔2026〕3号',
    offence: '污染环境罪',
    parties: [{ name: '陈某某', kind: 'natural_person' }],
  });
  const [receipt] = await producer.send({
    topic: `${NAMESPACE}ingress-${UNIT}`,
    acks: -1,
    compression: CompressionTypes.None,
    messages: [one],
  });
  console.log(`said ${one.headers.ce_id}: ${receipt.topicName}/${receipt.partition}/${receipt.baseOffset}`);
  await producer.disconnect();
}

// Shows what is delivered to the unit. Numbers run without gaps; a number that was seen before is a repetition.
async function read(kafka, most) {
  const consumer = kafka.consumer({ groupId: `${NAMESPACE}${UNIT}.example` });
  await consumer.connect();
  await consumer.subscribe({ topic: `${NAMESPACE}feed-${UNIT}`, fromBeginning: true });
  let seen = 0;
  await new Promise((resolve, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    consumer.run({
      eachMessage: async ({ message }) => {
        const header = (name) => message.headers[name]?.toString() ?? '';
        const number = Number(header('linkage-seq'));
        if (number <= seen) return; // seen before, or a signed head (docs/proof.md), which has no number
        seen = number;
        const data = contract(header('ce_type')).fromBuffer(message.value.subarray(5));
        const about = decodeURIComponent(header('ce_origincase'));
        console.log(`read ${number}: ${header('ce_type')} ${about} ${data.offence ?? ''}`);
        if (number >= most) resolve();
      },
    });
  });
  await consumer.disconnect();
}

function connection() {
  const protocol = process.env.LINKAGE_KAFKA_PROTOCOL ?? 'PLAINTEXT';
  const authority = process.env.LINKAGE_KAFKA_CA_FILE;
  const { LINKAGE_KAFKA_USER: username, LINKAGE_KAFKA_PASSWORD: password } = process.env;
  return {
    brokers: (process.env.LINKAGE_BOOTSTRAP ?? '127.0.0.1:9092').split(','),
    sasl: protocol.startsWith('SASL_') ? { mechanism: 'scram-sha-512', username, password } : undefined,
    ssl: protocol.endsWith('SSL') && (authority ? { ca: readFileSync(authority, 'utf8') } : true),
  };
}

const kafka = new Kafka({ clientId: `${NAMESPACE}${UNIT}-example`, logLevel: logLevel.ERROR, ...connection() });
await say(kafka);
await read(kafka, Number(process.argv[2] ?? Infinity));
