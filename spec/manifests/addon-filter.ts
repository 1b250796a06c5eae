/** An instance group of a deployment, as a Director's filter of add-ons sees it. */
export interface InstanceGroup {
  readonly name: string;
  readonly os: string;
  readonly deployment: string;
  readonly lifecycle: 'service' | 'errand';
  readonly jobs: readonly { readonly name: string; readonly release: string }[];
}

export interface Filter {
  readonly jobs?: readonly { readonly name: string; readonly release: string }[];
  readonly instance_groups?: readonly string[];
  readonly deployments?: readonly string[];
  readonly lifecycle?: string;
  readonly stemcell?: readonly { readonly os: string }[];
}

/**
 * Whether a Director places an add-on on an instance group (Bosh::Director::Addon::Filter): kinds of filters are ANDed, the
 * entries of one kind ORed; no include means everywhere, and an exclude that names no kind excludes nothing.
 */
export function isPlaced(
  addon: { readonly include?: Filter; readonly exclude?: Filter },
  group: InstanceGroup,
): boolean {
  return holds(addon.include ?? {}, group, true) && !holds(addon.exclude ?? {}, group, false);
}

function holds(filter: Filter, group: InstanceGroup, withoutKinds: boolean): boolean {
  const { jobs = [], instance_groups: names = [], deployments = [] } = filter;
  const { lifecycle, stemcell = [] } = filter;
  const kinds: boolean[] = [];
  if (lifecycle !== undefined) kinds.push(lifecycle === group.lifecycle);
  if (stemcell.length > 0) kinds.push(stemcell.some(({ os }) => os === group.os));
  if (deployments.length > 0) kinds.push(deployments.includes(group.deployment));
  if (names.length > 0) kinds.push(names.includes(group.name));
  if (jobs.length > 0)
    kinds.push(
      jobs.some((job) =>
        group.jobs.some(({ name, release }) => name === job.name && release === job.release),
      ),
    );
  return kinds.length === 0 ? withoutKinds : kinds.every(Boolean);
}
