import type { ByteString } from '../../model/ids.ts';
import { componentsBelow } from '../../model/paths.ts';

export type ForeignKind = 'bpm' | 'docker' | 'systemd' | 'unrecognised';

/**
 * bpm's containers: `bpm-<job>` without systemd, `runc-bpm-<job>.scope` (bpm < 1.4.33),
 * `<unique>-bpm-bpm-<job>.scope` since (bpm cgroups/cgroup.go:132-170).
 */
const BPM = /(?:^|-)bpm-[^/]+?(?:\.scope)?$/;
const DOCKER_SCOPE = /^docker-[0-9a-f]{64}\.scope$/;
const DOCKER_ID = /^[0-9a-f]{64}$/;
const SYSTEMD_UNIT = /\.(?:service|scope|slice|mount|socket|swap)$/;

/** Of a cgroup outside Garden's directories, by its path. All cgroups of one unit count once. */
export function foreignKind(
  path: ByteString,
  scope: ByteString,
): { readonly kind: ForeignKind; readonly unit: string } {
  const components = componentsBelow(path, scope);
  const upTo = (index: number): string => components.slice(0, index + 1).join('/');
  const bpm = components.findIndex((name) => BPM.test(name));
  if (bpm >= 0) return { kind: 'bpm', unit: upTo(bpm) };
  const docker = components.findIndex(
    (name, index) =>
      DOCKER_SCOPE.test(name) || (DOCKER_ID.test(name) && components[index - 1] === 'docker'),
  );
  if (docker >= 0) return { kind: 'docker', unit: upTo(docker) };
  const last = components.findLastIndex((name) => SYSTEMD_UNIT.test(name));
  // A directory that a unit made below its own cgroup (Delegate=yes) is not the unit itself.
  if (last >= 0 && last === components.length - 1) return { kind: 'systemd', unit: upTo(last) };
  return { kind: 'unrecognised', unit: path };
}
