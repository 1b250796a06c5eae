import { CONFIG, isKey, type ConfigKey, type ConfigSection } from '../../src/model/agent-config.ts';
import { OWN_PROPERTIES } from './own-properties.ts';
import { PROPERTY_TYPES } from './property-types.ts';

export type NamedKey = { readonly name: string; readonly key: ConfigKey };

export const configKeys = (): readonly NamedKey[] =>
  Object.entries<ConfigKey | ConfigSection>(CONFIG).flatMap(([name, entry]) =>
    isKey(entry)
      ? [{ name, key: entry }]
      : Object.entries(entry).map(([last, key]) => ({ name: `${name}.${last}`, key })),
  );

type KeyOfProperty = ConfigKey<keyof typeof PROPERTY_TYPES>;

/** A key that one property of the job sets. */
export interface PropertyKey {
  readonly name: string;
  readonly key: KeyOfProperty;
  readonly property: string;
  readonly job: Exclude<ConfigKey['job'], string>;
}

/** @throws Error for a type of which the job can have no property */
export const propertyKeys = (): readonly PropertyKey[] =>
  configKeys().flatMap(({ name, key }) => {
    const { job } = key;
    if (typeof job === 'string') return [];
    if (isOfProperty(key)) return [{ name, key, job, property: propertyName(name) }];
    throw new Error(`the job cannot have a property of type ${key.type}`);
  });

const isOfProperty = (key: ConfigKey): key is KeyOfProperty =>
  Object.hasOwn(PROPERTY_TYPES, key.type);

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
