import { apiVersionOf } from '../../api/resources.ts';
import { matcher, type Scope, type StoredObject } from '../../edgestore/index.ts';
import { type AnswerForm, partialOf } from '../answer-form.ts';
import type { Tables } from '../table.ts';
import type { RecentParses } from './recent-parses.ts';
import { atRevision, type TopicEvent } from './topic-event.ts';

type EventType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** What a client asked to see, and in which form. Clients that ask alike share one. */
export interface View {
  /** Within the scope of the topic. */
  readonly scope: Scope;
  readonly form: AnswerForm;
  /** `includeObject` of Tables. */
  readonly includeObject: string;
}

/** Writes the events of a topic as one view of it sees them. */
export class EventEncoder {
  readonly #view: View;
  readonly #selects: (object: StoredObject) => boolean;
  readonly #parses: RecentParses;
  readonly #tables: Tables;

  /** `whole`: the view shows the whole topic, so nothing needs to be looked at. */
  constructor(view: View, whole: boolean, parses: RecentParses, tables: Tables) {
    this.#view = view;
    this.#selects = whole ? () => true : matcher(view.scope, (object) => parses.of(object));
    this.#parses = parses;
    this.#tables = tables;
  }

  /** An object that comes to be selected is added, one that ceases to be is deleted. */
  event({ type, object, previous, revision }: TopicEvent): string | undefined {
    const was = this.#selects(previous ?? object) && (previous !== undefined || type === 'delete');
    const is = type === 'put' && this.#selects(object);
    if (is) return this.#line(was ? 'MODIFIED' : 'ADDED', object);
    if (!was) return undefined;
    return this.#line('DELETED', type === 'put' && previous !== undefined ? atRevision(previous, revision) : object);
  }

  /** What is there when a watch begins. */
  initial(object: StoredObject): string | undefined {
    return this.#selects(object) ? this.#line('ADDED', object) : undefined;
  }

  bookmark(kind: string, resourceVersion: string, annotations?: Readonly<Record<string, string>>): string {
    const metadata = { resourceVersion, ...(annotations === undefined ? {} : { annotations }) };
    const object = { kind, apiVersion: apiVersionOf(this.#view.scope.collection), metadata };
    return `${JSON.stringify({ type: 'BOOKMARK', object })}\n`;
  }

  #line(type: EventType, object: StoredObject): string {
    const { form, includeObject, scope } = this.#view;
    if (form.as === 'object') return `{"type":"${type}","object":${object.json}}\n`;
    if (form.as === 'metadata') {
      const partial = partialOf(this.#parses.of(object), `meta.k8s.io/${form.version}`);
      return `${JSON.stringify({ type, object: partial })}\n`;
    }
    const metadata = { resourceVersion: object.resourceVersion };
    const table = this.#tables.of(scope.collection, [this.#parses.of(object)], metadata, form.version, includeObject);
    return `${JSON.stringify({ type, object: table })}\n`;
  }
}
