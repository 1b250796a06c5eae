import * as v from 'valibot';

const ComponentSchema = v.looseObject({
  'bom-ref': v.string(),
  name: v.string(),
  version: v.string(),
});

const NpmBomSchema = v.looseObject({
  bomFormat: v.literal('CycloneDX'),
  specVersion: v.literal('1.5'),
  metadata: v.looseObject({
    component: v.looseObject({ 'bom-ref': v.string(), name: v.string() }),
  }),
  components: v.array(ComponentSchema),
  dependencies: v.array(v.looseObject({ ref: v.string(), dependsOn: v.array(v.string()) })),
});

export type Bom = Readonly<v.InferOutput<typeof NpmBomSchema>>;

/** The contents of a release, apart from our own code. */
interface Shipped {
  /** `NAME@VERSION` of each package in the bundle. */
  readonly bundled: ReadonlySet<string>;
  /** Of bin/node; the checksum in hexadecimal. */
  readonly node: { readonly version: string; readonly sha256: string };
}

/** `NAME@VERSION` of each package in src/dist/rollcall/LICENCES.txt, which the build writes. */
export const bundledPackages = (licences: string): ReadonlySet<string> =>
  new Set([...licences.matchAll(/^==== (\S+@\d\S*)$/gm)].map(([, name = '']) => name));

/**
 * The bill of materials of a release: the packages of the bundle, as npm describes them, and the
 * Node binary of the package nodejs-24. The same release has the same bill: it has no serial number,
 * no time, and no name of the folder in which npm ran.
 * @param npmBom the CycloneDX document of `npm sbom`
 */
export function releaseBom(npmBom: unknown, { bundled, node }: Shipped): Bom {
  const { serialNumber: _serial, metadata, ...bom } = v.parse(NpmBomSchema, npmBom);
  const { timestamp: _time, component, ...rest } = metadata;
  const top = component['bom-ref'];
  const added = nodeComponent(node);
  const components = bom.components.filter((one) => bundled.has(packageOf(one)));
  const refs = new Set([top, added['bom-ref'], ...components.map((one) => one['bom-ref'])]);
  const dependencies = bom.dependencies.flatMap(({ ref, dependsOn }) => {
    const all = ref === top ? [...dependsOn, added['bom-ref']] : dependsOn;
    return refs.has(ref) ? [{ ref, dependsOn: all.filter((one) => refs.has(one)) }] : [];
  });
  return {
    ...bom,
    metadata: { ...rest, component: { ...component, name: 'rollcall' } },
    components: [...components, added],
    dependencies: [...dependencies, { ref: added['bom-ref'], dependsOn: [] }],
  };
}

/** The packages in the bundle that are missing from the bill of materials. */
export function unlistedPackages(bom: Bom, bundled: ReadonlySet<string>): readonly string[] {
  const listed = new Set(bom.components.map(packageOf));
  return [...bundled].filter((name) => !listed.has(name));
}

const packageOf = ({ name, version }: Bom['components'][number]): string => `${name}@${version}`;

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
