import { defineConfig } from "hardhat/config";

// One compiler for everybody: npm's solc, by path, so that no build downloads anything.
// scripts/generate compiles the same sources with the same settings through py-solc-x;
// tests/contracts_py/test_contract_artifacts.py holds the two to equal bytecode.
export default defineConfig({
  solidity: {
    version: "0.8.37",
    path: import.meta.dirname + "/node_modules/solc/soljson.js",
    settings: {
      evmVersion: "cancun",
      viaIR: true,
      optimizer: { enabled: true, runs: 1_000_000 },
      metadata: { bytecodeHash: "none" },
    },
  },
  paths: { sources: "./contracts", tests: { solidity: "./tests/contracts" } },
});
