// Writes documents.json: documents that the peer's own library has wrapped, hidden parts of and signed.
// With --check it writes nothing, and exits 1 if the file is stale. Chance and time are fixed, so that
// each run gives the same bytes.
import crypto, { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire, syncBuiltinESMExports } from "node:module";

let drawn = 0;
crypto.randomFillSync = (buffer) => {
  for (let at = 0; at < buffer.length; at += 32) {
    const block = createHash("sha256").update(`tulen ${drawn++}`).digest();
    buffer.set(block.subarray(0, buffer.length - at), at);
  }
  return buffer;
};
syncBuiltinESMExports();
const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor() {
    super("2026-11-25T00:00:00.000Z");
  }
};

const require = createRequire(import.meta.url);
const oa = require("@govtechsg/open-attestation");
const { Wallet } = require("@ethersproject/wallet");
const { getContractAddress } = require("@ethersproject/address");

// As attested.py has it: keys follow from names, and the store is its deployer's first contract.
const secret = (name) => `0x${createHash("sha256").update(name).digest("hex")}`;
const STORE = getContractAddress({ from: new Wallet(secret("document store")).address, nonce: 0 });
const PRIVATE = secret("attesting issuer");
const DID = `did:ethr:${new Wallet(PRIVATE).address}`;
const FILE = new URL("documents.json", import.meta.url);
const DOMAIN = "customs.example.sg";

const certificate = (issuer, number = "SG2026/000001") => ({
  $template: { name: "CERTIFICATE_OF_ORIGIN", type: "EMBEDDED_RENDERER", url: "https://renderer.example.sg" },
  id: number,
  network: { chain: "ETH", chainId: "1" },
  issuers: [issuer],
  name: "Certificate of Origin",
  issueDateTime: "2026-11-20T03:00:00Z",
  isPreferential: true,
  freeTradeAgreement: "ASEAN Trade in Goods Agreement",
  supplyChainConsignment: {
    exportCountry: { code: "SG" },
    importCountry: { code: "ID" },
    consignor: { id: "199900001Z", name: "Kilang Biskut & Söhne \"Satu\" Pte Ltd" },
    consignee: { name: "PT Maju Jaya", line: ["Jl. Kebon Sirih 1", "Jakarta"] },
    includedConsignmentItems: [
      { sequence: 1, hsCode: "190531", description: "Biscuits\tin tins\n24 × 500 g", grossWeight: 312.5, packages: 1000 },
      { sequence: 2, hsCode: "190532", description: "Wafers \u2028 \u0001 \u007f \\ / 威化 \u{1f36a}", grossWeight: 1e-7, packages: 0 },
    ],
  },
  remarks: null,
  copyOf: undefined,
  seals: [],
  marks: {},
});
const store = { name: "Singapore Customs", documentStore: STORE, identityProof: { type: "DNS-TXT", location: DOMAIN } };
const key = { private: PRIVATE, public: `${DID}#controller` };
const signer = (more = {}) => ({
  id: DID,
  name: "Singapore Customs",
  revocation: { type: "NONE" },
  identityProof: { type: "DNS-DID", location: DOMAIN, key: key.public },
  ...more,
});
const sign = (document) => oa.signDocument(document, oa.SUPPORTED_SIGNING_ALGORITHM.Secp256k1VerificationKey2018, key);
const wrap = (issuer) => oa.wrapDocument(certificate(issuer));

const batch = oa.wrapDocuments([1, 2, 3, 4, 5].map((n) => certificate(store, `SG2026/00000${n}`)));
const hidden = oa.obfuscateDocument(oa.wrapDocument(certificate(store, "SG2026/000009")), [
  "supplyChainConsignment.consignor.name",
  "supplyChainConsignment.consignee",
  "supplyChainConsignment.includedConsignmentItems[0].grossWeight",
  "seals",
]);
const signed = await sign(wrap(signer()));
const revocable = await sign(wrap(signer({ revocation: { type: "REVOCATION_STORE", location: STORE } })));
const documents = {
  store: wrap(store),
  "batch-first": batch[0],
  "batch-last": batch[4],
  hidden,
  "hidden-element": oa.obfuscateDocument(hidden, ["supplyChainConsignment.includedConsignmentItems[1]"]),
  "hidden-domain": oa.obfuscateDocument(hidden, ["issuers[0].identityProof.location"]),
  "certificate-store": wrap({ name: "Singapore Customs", certificateStore: STORE }),
  "token-registry": wrap({ name: "Carrier", tokenRegistry: STORE, identityProof: store.identityProof }),
  signed,
  unsigned: wrap(signer()),
  "signed-revocable": revocable,
  "signed-hidden-store": oa.obfuscateDocument(revocable, ["issuers[0].revocation.location"]),
  "signed-hidden-revocation": oa.obfuscateDocument(signed, ["issuers[0].revocation.type"]),
  "signed-ocsp": await sign(wrap(signer({ revocation: { type: "OCSP_RESPONDER", location: "https://ocsp.example.sg" } }))),
  "signed-without-domain": await sign(wrap(signer({ identityProof: { type: "DID", key: key.public } }))),
};
// What the library itself says of each, as it is read back from a file.
const peer = Object.fromEntries(
  Object.entries(documents).map(([name, document]) => [name, oa.verifySignature(JSON.parse(JSON.stringify(document)))]),
);
const text = `${JSON.stringify({ documents, peer }, null, 1)}\n`;
if (process.argv.includes("--check")) {
  if (readFileSync(FILE, "utf8") !== text) {
    console.error("documents.json is stale");
    process.exitCode = 1;
  }
} else {
  writeFileSync(FILE, text);
}
