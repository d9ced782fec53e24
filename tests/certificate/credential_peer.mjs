// Another implementation of credentials, from npm: it is asked on standard input and answers on standard output.
// What it must not fetch is handed to it in `documents`, by URL; anything else that it asks for is an error.
import { readFileSync } from "node:fs";
import { Bitstring } from "@digitalbazaar/bitstring";
import { contexts } from "@digitalbazaar/credentials-context";
import { DataIntegrityProof } from "@digitalbazaar/data-integrity";
import * as Ed25519Multikey from "@digitalbazaar/ed25519-multikey";
import { createSignCryptosuite, createVerifyCryptosuite } from "@digitalbazaar/eddsa-jcs-2022-cryptosuite";
import * as jose from "jose";
import jsonld from "jsonld";
import jsigs from "jsonld-signatures";

const { AssertionProofPurpose } = jsigs.purposes;
const asked = JSON.parse(readFileSync(0, "utf8"));

async function documentLoader(url) {
  const document = asked.documents?.[url] ?? contexts.get(url);
  if (!document) throw new Error(`${url} would have to be fetched`);
  return { contextUrl: null, document, documentUrl: url };
}

const acts = {
  async verify({ credential, controller }) {
    const suite = new DataIntegrityProof({ cryptosuite: createVerifyCryptosuite() });
    const purpose = new AssertionProofPurpose({ controller, date: asked.at });
    const found = await jsigs.verify(credential, { suite, purpose, documentLoader });
    return { verified: found.verified, errors: (found.error?.errors ?? []).map(String) };
  },
  async issue({ credential, seed, method }) {
    const key = await Ed25519Multikey.generate({ seed: Buffer.from(seed, "hex"), id: method });
    const cryptosuite = createSignCryptosuite();
    const suite = new DataIntegrityProof({ signer: key.signer(), date: asked.at, cryptosuite });
    return jsigs.sign(credential, { suite, purpose: new AssertionProofPurpose(), documentLoader });
  },
  async verifyToken({ token, controller }) {
    const { kid } = jose.decodeProtectedHeader(token);
    const method = controller.verificationMethod.find(({ id }) => id === kid);
    const key = await jose.importJWK(method.publicKeyJwk, "EdDSA");
    try {
      const { payload } = await jose.compactVerify(token, key, { algorithms: ["EdDSA"] });
      return { verified: true, payload: JSON.parse(new TextDecoder().decode(payload)) };
    } catch (error) {
      return { verified: false, errors: [error.code] };
    }
  },
  async issueToken({ credential, seed, header }) {
    const secret = Buffer.from(seed, "hex");
    const key = await Ed25519Multikey.generate({ seed: secret });
    const x = jose.base64url.encode(key.publicKey);
    const jwk = { kty: "OKP", crv: "Ed25519", x, d: jose.base64url.encode(secret) };
    const payload = new TextEncoder().encode(JSON.stringify(credential));
    const signer = new jose.CompactSign(payload).setProtectedHeader(header);
    return { token: await signer.sign(await jose.importJWK(jwk, "EdDSA")) };
  },
  async bits({ encoded }) {
    const buffer = await Bitstring.decodeBits({ encoded: encoded.slice(1) });
    const list = new Bitstring({ buffer });
    const set = [];
    for (let index = 0; index < list.length; index += 1) if (list.get(index)) set.push(index);
    return { length: list.length, set };
  },
  async encode({ length, bits }) {
    const list = new Bitstring({ length });
    for (const bit of bits) list.set(bit, true);
    return { encoded: `u${await list.encodeBits()}` };
  },
  async expand({ credential }) {
    return { expanded: await jsonld.expand(credential, { documentLoader, safe: true }) };
  },
};

process.stdout.write(JSON.stringify(await acts[asked.act](asked)));
