// Bundle src/ and three.js into ../player.min.js, the one script that every page carries. `make player` runs this.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { build } from "esbuild";

const sources = ["build.mjs", "package.json", ...readdirSync("src").map((name) => `src/${name}`)].sort();
const digest = createHash("sha256");
for (const name of sources) digest.update(`${name}\n`).update(readFileSync(name));

const threeVersion = JSON.parse(readFileSync("node_modules/three/package.json", "utf8")).version;
const threeLicence = readFileSync("node_modules/three/LICENSE", "utf8").trim();
const banner = `/*! kinelang player, Apache-2.0. Built from web/ with sources ${digest.digest("hex")}
It contains three.js ${threeVersion} (https://threejs.org), under this licence:

${threeLicence}
*/`;

await build({
  entryPoints: ["src/main.js"],
  outfile: "../player.min.js",
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2022"],
  charset: "ascii",
  legalComments: "none", // the whole licence stands in the banner
  banner: { js: banner },
  logLevel: "info",
});
