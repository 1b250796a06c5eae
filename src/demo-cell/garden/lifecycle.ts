import { randomUUID } from 'node:crypto';
import type { GardenContainer, GardenHooks, GardenState, CreateSpec } from './state.ts';
import type { WithoutRuntime } from './views.ts';
import { failure, json, unknownHandle, type GardenReply } from './reply.ts';

export const MAX_CONTAINERS = 250;

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** The properties that the network plugin of the recordings sets. */
function networkProperties(number: number): Record<string, string> {
  return {
    'garden.network.container-ip': `10.255.${(number >> 8) & 255}.${number & 255}`,
    'garden.network.external-ip': '127.0.0.1',
    'garden.network.host-ip': '255.255.255.255',
    'garden.network.mapped-ports': '[]',
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

type Decoded =
  | { readonly kind: 'decoded'; readonly fields: Readonly<Record<string, unknown>> }
  | { readonly kind: 'refused'; readonly reply: GardenReply };

/** The fields of a request's body, or an error in the words of Go's decoder. */
function decode(body: string): Decoded {
  const refused = (message: string): Decoded => ({ kind: 'refused', reply: failure(message) });
  if (body.trim() === '') return refused('EOF');
  try {
    const fields: unknown = JSON.parse(body);
    if (isRecord(fields)) return { kind: 'decoded', fields };
    return refused('json: cannot unmarshal the request into a Go struct');
  } catch (error) {
    const where = /end of JSON input|at position (\d+)/.exec(messageOf(error));
    const cut = where !== null && Number(where[1] ?? body.length) >= body.length;
    return refused(cut ? 'unexpected EOF' : 'invalid character in the request');
  }
}

function specOf(fields: Readonly<Record<string, unknown>>): CreateSpec {
  const { handle, properties, privileged, env } = fields;
  const texts = Object.entries(isRecord(properties) ? properties : {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return {
    handle: typeof handle === 'string' && handle !== '' ? handle : randomUUID(),
    properties: Object.fromEntries(texts),
    privileged: privileged === true,
    env: Array.isArray(env) ? env.filter((line) => typeof line === 'string') : [],
  };
}

export interface Lifecycle {
  readonly withoutRuntime: WithoutRuntime;
  create(body: string): Promise<GardenReply>;
  destroy(handle: string): Promise<GardenReply>;
  setProperty(handle: string, key: string, body: string): GardenReply;
  removeProperty(handle: string, key: string): GardenReply;
}

/** Creation and destruction, with the steps in the order that was observed on gdn. */
export function lifecycle(state: GardenState, hooks: GardenHooks): Lifecycle {
  const withoutRuntime: WithoutRuntime = new WeakSet<GardenContainer>();
  const destroying = new Set<string>();
  let addresses = 1;

  async function remove(container: GardenContainer): Promise<void> {
    withoutRuntime.add(container);
    await hooks.destroy(container.handle);
    state.containers.delete(container.handle);
  }

  async function create(body: string): Promise<GardenReply> {
    const request = decode(body);
    if (request.kind === 'refused') return request.reply;
    const spec = specOf(request.fields);
    const { handle } = spec;
    if (state.containers.has(handle)) return failure(`Handle '${handle}' already in use`);
    if (state.containers.size >= (state.maxContainers ?? MAX_CONTAINERS)) {
      return failure('max containers reached');
    }
    const container: GardenContainer = {
      handle,
      properties: Object.keys(spec.properties).length > 0 ? { ...spec.properties } : null,
      created: false,
    };
    withoutRuntime.add(container);
    state.containers.set(handle, container);
    try {
      await hooks.create(spec);
    } catch (error) {
      // A container whose clean-up fails stays listed, so that it can be destroyed again.
      await remove(container).catch(() => undefined);
      return failure(messageOf(error));
    }
    withoutRuntime.delete(container);
    addresses += 1;
    container.properties = { ...container.properties, ...networkProperties(addresses) };
    container.created = true;
    return json({ Handle: handle });
  }

  async function destroy(handle: string): Promise<GardenReply> {
    if (destroying.has(handle)) return failure('container already being destroyed');
    const container = state.containers.get(handle);
    if (container === undefined) return unknownHandle(handle);
    destroying.add(handle);
    try {
      await remove(container);
      return json({});
    } catch (error) {
      // Garden returns the errors of a destroy as a list.
      return failure(`1 error occurred:\n\t* ${messageOf(error)}\n\n`);
    } finally {
      destroying.delete(handle);
    }
  }

  function setProperty(handle: string, key: string, body: string): GardenReply {
    const request = decode(body);
    if (request.kind === 'refused') return request.reply;
    const { value } = request.fields;
    const container = state.containers.get(handle);
    if (container === undefined) return json({});
    const text = typeof value === 'string' ? value : '';
    if (key === 'garden.state') container.created = text === 'created';
    else container.properties = { ...container.properties, [key]: text };
    return json({});
  }

  function removeProperty(handle: string, key: string): GardenReply {
    const container = state.containers.get(handle);
    if (container === undefined) return json({});
    const kept = Object.entries(container.properties ?? {}).filter(([name]) => name !== key);
    if (container.properties !== null) container.properties = Object.fromEntries(kept);
    if (key === 'garden.state') container.created = false;
    return json({});
  }

  return { withoutRuntime, create, destroy, setProperty, removeProperty };
}
