import {
  CONFIG,
  isKey,
  type ConfigKey,
  type ConfigSection,
  type ConfigType,
} from '../../src/model/agent-config.ts';
import { OWN_PROPERTIES } from './own-properties.ts';

export interface NamedKey<Type extends ConfigType = ConfigType> {
  readonly name: string;
  readonly key: ConfigKey<Type>;
}

export const configKeys = (): readonly NamedKey[] =>
  Object.entries<ConfigKey | ConfigSection>(CONFIG).flatMap(([name, entry]) =>
    isKey(entry)
      ? [{ name, key: entry }]
      : Object.entries(entry).map(([last, key]) => ({ name: `${name}.${last}`, key })),
  );

/** A key that one property of the job sets. */
export interface PropertyKey extends NamedKey {
  readonly property: string;
  readonly job: Exclude<ConfigKey['job'], string>;
}

export const propertyKeys = (): readonly PropertyKey[] =>
  configKeys().flatMap(({ name, key }) => {
    const { job } = key;
    return typeof job === 'string' ? [] : [{ name, key, job, property: propertyName(name) }];
  });

export const propertiesOf = ({ name, key }: NamedKey): readonly string[] =>
  typeof key.job === 'string'
    ? Object.keys(OWN_PROPERTIES).filter((property) => OWN_PROPERTIES[property]?.sets === name)
    : [propertyName(name)];

const propertyName = (name: string): string =>
  name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/**
 * The range of a number, where the job may allow less than the agent; null for another type.
 */
export function rangeOf({
  key,
  job,
}: Pick<PropertyKey, 'key' | 'job'>): readonly [number, number] | null {
  if (!('range' in key)) return null;
  const [least, most] = key.range;
  return [job.least ?? least, most];
}
