import * as v from 'valibot';

const ComponentSchema = v.looseObject({
  'bom-ref': v.string(),
  name: v.string(),
  group: v.optional(v.string()),
  externalReferences: v.optional(v.array(v.looseObject({ type: v.string() }))),
});

const NpmBomSchema = v.looseObject({
  $schema: v.optional(v.string()),
  bomFormat: v.literal('CycloneDX'),
  specVersion: v.literal('1.6'),
  version: v.number(),
  metadata: v.looseObject({ component: v.looseObject({ 'bom-ref': v.string() }) }),
  components: v.array(ComponentSchema),
  dependencies: v.array(
    v.looseObject({ ref: v.string(), dependsOn: v.optional(v.array(v.string())) }),
  ),
});

export type Bom = Readonly<v.InferOutput<typeof NpmBomSchema>>;

/** The contents of a release, apart from our own code. */
interface Shipped {
  /** The names of the packages in the bundle. */
  readonly bundled: ReadonlySet<string>;
  /** Of bin/node; the checksum in hexadecimal. */
  readonly node: { readonly version: string; readonly sha256: string };
}

/** The names of the packages in src/dist/rollcall/LICENCES.txt, which the build writes. */
export const bundledPackages = (licences: string): ReadonlySet<string> =>
  new Set([...licences.matchAll(/^==== (\S+)$/gm)].map(([, name = '']) => name));

/**
 * The bill of materials of a release: the packages of the bundle, as npm describes them, and the
 * Node binary of the package nodejs-24.
 * @param npmBom the CycloneDX document of cyclonedx-npm
 */
export function releaseBom(npmBom: unknown, { bundled, node }: Shipped): Bom {
  const bom = v.parse(NpmBomSchema, npmBom);
  const top = bom.metadata.component['bom-ref'];
  const added = nodeComponent(node);
  const components = bom.components.filter((one) => bundled.has(packageName(one)));
  const refs = new Set([top, added['bom-ref'], ...components.map((one) => one['bom-ref'])]);
  const dependencies = bom.dependencies.flatMap(({ ref, dependsOn = [], ...rest }) => {
    const all = ref === top ? [...dependsOn, added['bom-ref']] : dependsOn;
    return refs.has(ref) ? [{ ...rest, ref, dependsOn: all.filter((one) => refs.has(one)) }] : [];
  });
  return {
    ...bom,
    components: [...components.map(withoutDownload), added],
    dependencies: [...dependencies, { ref: added['bom-ref'] }],
  };
}

/** The packages in the bundle that are missing from the bill of materials. */
export function unlistedPackages(bom: Bom, bundled: ReadonlySet<string>): readonly string[] {
  const listed = new Set(bom.components.map(packageName));
  return [...bundled].filter((name) => !listed.has(name));
}

const packageName = ({ group, name }: Bom['components'][number]): string =>
  group === undefined ? name : `${group}/${name}`;

/** The source of a download describes the machine that made the bill, not the package. */
function withoutDownload(component: Bom['components'][number]): Bom['components'][number] {
  const { externalReferences, ...rest } = component;
  const kept = externalReferences?.filter(({ type }) => type !== 'distribution') ?? [];
  return kept.length === 0 ? rest : { ...rest, externalReferences: kept };
}

const nodeComponent = ({ version, sha256 }: Shipped['node']) => ({
  type: 'platform',
  name: 'node',
  version,
  'bom-ref': `node@${version}`,
  description: 'Node.js for Linux on x64, as nodejs.org builds it, with the libraries it contains',
  licenses: [{ license: { id: 'MIT' } }],
  hashes: [{ alg: 'SHA-256', content: sha256 }],
  // The name under which scanners find its vulnerabilities.
  cpe: `cpe:2.3:a:nodejs:node.js:${version}:*:*:*:*:*:*:*`,
  purl: `pkg:generic/node@${version}`,
  externalReferences: [{ type: 'website', url: 'https://nodejs.org' }],
});
