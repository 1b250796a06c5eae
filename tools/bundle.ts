import { build, type BuildOptions, type Plugin } from 'esbuild';
import { globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { packageVersion } from './artifact.ts';
import { ToolFailure } from './failure.ts';
import { root } from './bootstrap/place.mjs';

/** yargs needs these only for its help. They load as slowly as the rest of yargs, so late. */
const LATE = /^(cliui|string-width)$/;

const late: Plugin = {
  name: 'late',
  setup(made) {
    made.onResolve(
      { filter: LATE },
      async ({ path: name, kind, importer, resolveDir, pluginData }) => {
        if (kind !== 'import-statement' || pluginData === late) return undefined;
        const found = await made.resolve(name, { kind, importer, resolveDir, pluginData: late });
        // The bundle holds this path, and every checkout must make the same bundle.
        return { ...found, path: path.relative(root, found.path), namespace: 'late' };
      },
    );
    made.onLoad({ filter: /./, namespace: 'late' }, ({ path: file }) => ({
      contents: `let loaded;
        export default (...args) => (loaded ??= require(${JSON.stringify(`./${file}`)}).default)(...args);`,
      resolveDir: root,
    }));
  },
};

/** A part of the program that few cells need, as the program imports it, and the file that has it on a cell. */
export const NAMES_PART = {
  entry: 'src/agent/cri/grpc-server.ts',
  file: 'names-socket.cjs',
} as const;

/** Leaves that part to its file beside the program. */
export const withoutNamesPart: BuildOptions = {
  plugins: [
    late,
    {
      name: 'apart',
      setup: (made) => {
        const entry = path.basename(NAMES_PART.entry).replaceAll('.', String.raw`\.`);
        made.onResolve({ filter: new RegExp(`/${entry}$`) }, ({ kind }) =>
          kind === 'dynamic-import' ? { path: `./${NAMES_PART.file}`, external: true } : undefined,
        );
      },
    },
  ],
  // The program is a script that `require` can load files from, and `import` cannot.
  supported: { 'dynamic-import': false },
};

/**
 * Bundles a program into one classic script. It is not a module, because an import of a built-in
 * module reads all its exports, and those of node:http load a WebSocket and a fetch (30 ms, 12 MB);
 * `require` does not.
 * @param entry absolute, or relative to the top of the checkout
 * @param define constants of the program by name: further ones, or another version
 * @param otherOptions of esbuild, in place of those here
 * @returns the bundled files, as relative paths
 * @throws ToolFailure RELEASE_BUILD if esbuild fails; esbuild has printed the reason
 */
export async function bundleFor(
  entry: string,
  file: string,
  define: Readonly<Record<string, string>> = {},
  otherOptions: BuildOptions = {},
): Promise<readonly string[]> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [path.resolve(root, entry)],
    outfile: file,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    // Keep names for stack traces; they cost 0.2 MB and no time.
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    // grpc-js loads it only for channelz, which no program here has.
    external: ['@grpc/proto-loader'],
    define: {
      // winston's diagnostics then leave out colours, which take 3 ms of the start.
      'process.env.NODE_ENV': '"production"',
      ROLLCALL_VERSION: JSON.stringify(packageVersion(root)),
      'import.meta.dirname': '__dirname',
      'import.meta.url': 'urlOfThisFile',
      ...constants(define),
    },
    banner: { js: "const urlOfThisFile = require('node:url').pathToFileURL(__filename).href;" },
    plugins: [late],
    logLevel: 'warning',
    ...otherOptions,
    metafile: true,
  }).catch((cause: unknown) => {
    throw new ToolFailure('RELEASE_BUILD', `esbuild cannot bundle ${entry}: fix the errors above`, {
      cause,
    });
  });
  writeFileSync(file, inAscii(withoutCopies(readFileSync(file, 'utf8'))));
  return Object.keys(metafile.inputs).filter((input) => !input.startsWith('late:'));
}

/**
 * esbuild copies all names of a built-in module for each file that imports its default export: 4,000
 * names in `rollcall.cjs`, 10 ms of each start. Such a file uses only the default export.
 */
const withoutCopies = (bundle: string): string =>
  bundle.replaceAll(/__toESM\(require\("(node:[\w/]+)"\),1\)/g, '{default:require("$1")}');

/**
 * Escapes what esbuild leaves in tagged templates, because an escape changes their raw text: no
 * program here reads that. src/start/program.ts reads a bundle as ASCII.
 */
const inAscii = (bundle: string): string =>
  bundle.replaceAll(
    /[^\0-\x7F]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

const constants = (define: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(define).map(([name, text]) => [name, JSON.stringify(text)]));

/** Always the same, because Node keeps compiled code by its path. */
export const CACHED_BUNDLES = path.join(root, 'node_modules/.cache/rollcall');

/** Only a module can wait at its top level. */
const AS_MODULE = {
  format: 'esm',
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
} as const;

/**
 * Bundles a program that tests start.
 * @param entry absolute, or relative to the top of the checkout
 * @param name of the file in `CACHED_BUNDLES`; one that ends with `.mjs` becomes a module
 * @returns its path
 */
export async function cachedBundle(entry: string, name: string): Promise<string> {
  mkdirSync(CACHED_BUNDLES, { recursive: true });
  const file = path.join(CACHED_BUNDLES, name);
  // Another run in this checkout may be starting it.
  const built = `${file}.${process.pid}`;
  await bundleFor(entry, built, {}, name.endsWith('.mjs') ? AS_MODULE : {});
  renameSync(built, file);
  return file;
}

/**
 * The licence texts of the packages in a bundle, because the licences require them.
 * @param inputs the bundled files, relative to the top of the checkout
 */
export function bundledLicences(inputs: readonly string[]): string {
  const folders = new Set(inputs.flatMap((file) => packageFolder(file) ?? []));
  return [...folders].toSorted().map(licenceOf).join('\n');
}

function packageFolder(file: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0];
}

function licenceOf(folder: string): string {
  const [file] = globSync('{LICENSE,LICENCE,License,Licence,license,licence}*', {
    cwd: path.join(root, folder),
  });
  if (file === undefined) throw new Error(`${folder} has no licence text`);
  const text = readFileSync(path.join(root, folder, file), 'utf8').trim();
  const name = folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
  return `==== ${name}@${packageVersion(path.join(root, folder))}\n\n${text}\n`;
}
