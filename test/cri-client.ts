import { fileURLToPath } from 'node:url';
import {
  credentials,
  makeGenericClientConstructor,
  type Client,
  type ClientReadableStream,
  type ServiceError,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { atEndOfTest } from './at-end-of-test.ts';

const PROTO = fileURLToPath(new URL('fixtures/cri.proto', import.meta.url));
const SERVICE = 'runtime.v1.RuntimeService';

/** As in the protocol, with the defaults of absent fields: numbers of 64 bits are texts. */
interface CriContainer {
  readonly id: string;
  readonly pod_sandbox_id: string;
  readonly metadata: { readonly name: string };
  readonly image: { readonly image: string };
  readonly image_ref: string;
  readonly state: string;
  readonly created_at: string;
  readonly labels: Readonly<Record<string, string>>;
}

interface CriPod {
  readonly id: string;
  readonly metadata: { readonly name: string; readonly uid: string; readonly namespace: string };
  readonly state: string;
  readonly created_at: string;
  readonly labels: Readonly<Record<string, string>>;
}

interface CriPodStatus extends CriPod {
  readonly network: { readonly ip: string } | null;
  readonly linux: {
    readonly namespaces: { readonly options: { readonly pid: string } | null } | null;
  } | null;
}

export interface CriEvent {
  readonly container_id: string;
  readonly container_event_type: string;
  readonly created_at: string;
  readonly pod_sandbox_status: CriPodStatus | null;
}

interface Answers {
  readonly Version: {
    readonly version: string;
    readonly runtime_name: string;
    readonly runtime_version: string;
    readonly runtime_api_version: string;
  };
  readonly Status: {
    readonly status: {
      readonly conditions: readonly { readonly type: string; readonly status: boolean }[];
    };
  };
  readonly ListContainers: { readonly containers: readonly CriContainer[] };
  readonly ContainerStatus: {
    readonly status: Omit<CriContainer, 'pod_sandbox_id'>;
    readonly info: Readonly<Record<string, string>>;
  };
  readonly ListPodSandbox: { readonly items: readonly CriPod[] };
  readonly PodSandboxStatus: {
    readonly status: CriPodStatus;
    readonly info: Readonly<Record<string, string>>;
  };
  readonly StopContainer: object;
}

/** A client of a container runtime, such as Falco has, until the end of the test. */
export class CriClient {
  readonly #client: Client;
  readonly #service: ReturnType<typeof serviceDefinition>;

  constructor(socketPath: string, options: object = {}) {
    this.#service = serviceDefinition();
    const Made = makeGenericClientConstructor(this.#service, SERVICE);
    this.#client = new Made(`unix:${socketPath}`, credentials.createInsecure(), {
      // Clients in one process otherwise share a connection.
      'grpc.use_local_subchannel_pool': 1,
      ...options,
    });
    atEndOfTest(() => this.close());
  }

  /** @throws ServiceError with a gRPC status as its code */
  ask<Method extends keyof Answers>(
    method: Method,
    request: object = {},
  ): Promise<Answers[Method]> {
    const { path, requestSerialize, responseDeserialize } = this.#method(method);
    return new Promise((resolve, reject) => {
      const deadline = Date.now() + 10_000;
      this.#client.makeUnaryRequest(
        path,
        requestSerialize,
        (bytes) => responseDeserialize(bytes) as Answers[Method],
        request,
        { deadline },
        (error, answer) => {
          if (error === null && answer !== undefined) resolve(answer);
          else reject(error ?? new Error('no answer'));
        },
      );
    });
  }

  /** Its events, in the order in which they come. */
  events(): { readonly seen: CriEvent[]; readonly stream: ClientReadableStream<CriEvent> } {
    const { path, requestSerialize, responseDeserialize } = this.#method('GetContainerEvents');
    const stream = this.#client.makeServerStreamRequest(
      path,
      requestSerialize,
      (bytes) => responseDeserialize(bytes) as CriEvent,
      {},
    );
    const seen: CriEvent[] = [];
    stream.on('data', (event: CriEvent) => seen.push(event));
    stream.on('error', () => undefined);
    return { seen, stream };
  }

  close(): void {
    this.#client.close();
  }

  #method(name: string) {
    const method = this.#service[name];
    if (method === undefined) throw new Error(`the protocol has no method ${name}`);
    return method;
  }
}

/** The gRPC status with which a call ends. */
export const statusOf = async (call: Promise<unknown>): Promise<number> => {
  try {
    await call;
    return 0;
  } catch (error) {
    return (error as ServiceError).code;
  }
};

function serviceDefinition() {
  const definition = loadSync(PROTO, {
    keepCase: true,
    longs: String,
    enums: String,
    defaults: true,
  });
  const service = definition[SERVICE];
  if (service === undefined || 'format' in service) throw new Error(`${PROTO} has no ${SERVICE}`);
  return service;
}
