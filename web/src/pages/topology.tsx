// The services as they run: who calls whom, whose events reach whom, the tasks of each, and which one a request touches.
import { useEffect, useRef, useState } from "preact/hooks";
import { Failure } from "../api/client.ts";
import { Broken, count, Heading, Waiting } from "../parts.tsx";
import { touches } from "../requests.ts";

/** A service as the front of the shop says it is. */
type Status = {
  name: string;
  version: string;
  calls: string[];
  /** The requests that it has got, if the front counts them. */
  requests?: number;
  /** The requests that it has sent to other services, by their names. */
  called?: Record<string, number>;
  tasks: { name: string; state: string; address?: string; port?: number; problem?: string }[];
};
type Service = Status & { publishes: string[]; subscribes: string[]; touched: number };

/** Events by service, which the build puts in. */
declare const EVENTS: Record<string, { publishes: string[]; subscribes: string[] }>;

/** How often the page asks, in milliseconds, while it is visible. */
const interval = 2000;

export function Topology() {
  const [services, setServices] = useState<Service[]>();
  const [failure, setFailure] = useState<Failure>();
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let over = false;
    let timer = 0;
    const look = async () => {
      if (!document.hidden) {
        try {
          const response = await fetch("/.storefront/status", { signal: AbortSignal.timeout(5000) });
          if (!response.ok) throw new Failure(response.status, "The front of the shop does not know them.");
          const answer: Status[] = await response.json();
          if (over) return;
          setServices(
            answer.map((status) => ({
              publishes: [],
              subscribes: [],
              touched: countOf(status.name),
              ...EVENTS[status.name],
              ...status,
            })),
          );
          setFailure(undefined);
        } catch (error) {
          if (over) return;
          setFailure(error instanceof Failure ? error : new Failure(0, "The front of the shop does not answer."));
        }
      }
      timer = window.setTimeout(look, interval);
    };
    void look();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [turn]);
  return (
    <div class="topology">
      <Heading>How the shop works, live</Heading>
      <p class="lead">
        Each box is a service. A solid line is a call, a dotted one an event. A box lights up when a request reaches it:
        shop in another tab and watch.
      </p>
      {failure && (
        <Broken of={services ? "What is new" : "The services"} failure={failure} again={() => setTurn(turn + 1)} />
      )}
      {services ? (
        <>
          <Graph services={services} />
          <h2>Tasks</h2>
          <ul class="services">
            {services.map((service) => (
              <li key={service.name}>
                <ServiceCard service={service} />
              </li>
            ))}
          </ul>
        </>
      ) : (
        !failure && <Waiting lines={8} />
      )}
    </div>
  );
}

/** The requests of this browser to a service. */
function countOf(name: string): number {
  return touches.value[name]?.count ?? 0;
}

/** The requests to a service: those that the front has counted, and those of this browser since then. */
function requestsOf(service: Service): number {
  return (service.requests ?? service.touched) + countOf(service.name) - service.touched;
}

/** The services that a service calls, with the number of requests that it has sent. */
function callsOf({ calls, called }: Service): string[] {
  return calls.map((name) => (called?.[name] ? `${name} (${count(called[name], "request")})` : name));
}

function healthy(service: Service): number {
  return service.tasks.filter(({ state }) => state === "healthy").length;
}

function stateOf(service: Service): "up" | "partly" | "down" {
  const n = healthy(service);
  if (n === 0) return "down";
  return n === service.tasks.length ? "up" : "partly";
}

const said = { up: "healthy", partly: "changing", down: "down" };

function ServiceCard(props: { service: Service }) {
  const { service } = props;
  const state = stateOf(service);
  return (
    <article class={`service service-${state}`}>
      <header>
        <h3>{service.name}</h3>
        <span class="state">{said[state]}</span>
      </header>
      {service.tasks.length > 0 ? (
        <table>
          <thead>
            <tr>
              <th scope="col">Task</th>
              <th scope="col">Address</th>
              <th scope="col">State</th>
            </tr>
          </thead>
          <tbody>
            {service.tasks.map((task) => (
              <tr key={task.name}>
                <td>{task.name}</td>
                <td>{task.address && `${task.address}:${task.port}`}</td>
                <td title={task.problem}>{task.state}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : (
        <p class="error">No task runs.</p>
      )}
      <dl>
        <Names title="Version" names={[service.version]} />
        <Names title="Calls" names={callsOf(service)} />
        <Names title="Publishes" names={service.publishes} />
        <Names title="Hears" names={service.subscribes} />
        <div>
          <dt>Requests</dt>
          <dd>
            {requestsOf(service)}, {countOf(service.name)} of this browser
          </dd>
        </div>
      </dl>
    </article>
  );
}

function Names(props: { title: string; names: string[] }) {
  if (props.names.length === 0) return null;
  return (
    <div>
      <dt>{props.title}</dt>
      <dd>{props.names.join(", ")}</dd>
    </div>
  );
}

type Node = { id: string; column: number; row: number; service?: Service | undefined; event?: string | undefined };
type Edge = { event: boolean; through: Node[] };

const box = { width: 162, height: 62, gapX: 32, gapY: 20, event: 32 };

/**
 * The services and events in columns, each to the right of what leads to it and, as far as there is room, in its row. An edge over
 * several columns has a place of its own in each between, so that it passes behind no box.
 */
export function layout(services: Service[]): { nodes: Node[]; edges: Edge[]; columns: number; rows: number } {
  const links: { from: string; to: string; event: boolean }[] = [];
  const ids = services.map(({ name }) => name);
  const events = [...new Set(services.flatMap(({ publishes }) => publishes))].map((event) => ({
    id: `event ${event}`,
    event,
  }));
  for (const { name, calls, publishes, subscribes } of services) {
    for (const callee of calls) if (ids.includes(callee)) links.push({ from: name, to: callee, event: false });
    for (const event of publishes) links.push({ from: name, to: `event ${event}`, event: true });
    for (const { id, event } of events) if (subscribes.includes(event)) links.push({ from: id, to: name, event: true });
  }
  const nodes = new Map<string, Node>();
  for (const service of services) nodes.set(service.name, { id: service.name, column: 0, row: 0, service });
  for (const { id, event } of events) nodes.set(id, { id, column: 0, row: 0, event });
  // The longest way to each. Services that call each other in a circle would go on for ever: there are as many columns as nodes.
  for (let round = 0; round < nodes.size; round++) {
    for (const { from, to } of links) {
      const [a, b] = [nodes.get(from), nodes.get(to)];
      if (a && b && a.column + 1 > b.column && a.column + 1 < nodes.size) b.column = a.column + 1;
    }
  }
  const edges: Edge[] = [];
  const before = new Map<Node, Node[]>();
  const all = [...nodes.values()];
  for (const { from, to, event } of links) {
    const [a, b] = [nodes.get(from), nodes.get(to)];
    if (!a || !b) continue;
    const through = [a];
    for (let column = a.column + 1; column < b.column; column++) {
      const place: Node = { id: `${from}>${to}>${column}`, column, row: 0 };
      all.push(place);
      through.push(place);
    }
    through.push(b);
    through.forEach((node, i) => {
      const left = through[i - 1];
      if (left) before.set(node, [...(before.get(node) ?? []), left]);
    });
    edges.push({ event, through });
  }
  const weight = (node: Node) => links.filter(({ from }) => from === node.id).length;
  const columns = Math.max(0, ...all.map(({ column }) => column)) + 1;
  for (let at = 0; at < columns; at++) {
    const wanted = (node: Node) => {
      const left = before.get(node) ?? [];
      return left.reduce((sum, { row }) => sum + row, 0) / (left.length || 1);
    };
    const column = all.filter((node) => node.column === at);
    if (at === 0) column.sort((a, b) => weight(b) - weight(a));
    else column.sort((a, b) => wanted(a) - wanted(b));
    let free = 0;
    for (const node of column) {
      node.row = Math.max(free, at === 0 ? 0 : Math.floor(wanted(node)));
      free = node.row + 1;
    }
  }
  return { nodes: [...nodes.values()], edges, columns, rows: Math.max(0, ...all.map(({ row }) => row)) + 1 };
}

/** Whether the window is wide enough for columns. */
function useWide(): boolean {
  const [query] = useState(() => matchMedia("(min-width: 60rem)"));
  const [wide, setWide] = useState(query.matches);
  useEffect(() => {
    const look = () => setWide(query.matches);
    query.addEventListener("change", look);
    return () => query.removeEventListener("change", look);
  }, [query]);
  return wide;
}

type Drawing = {
  width: number;
  height: number;
  at: (node: Node) => { x: number; y: number };
  path: (edge: Edge) => string;
};

function heightOf(node: Node): number {
  return node.event ? box.event : box.height;
}

/** From left to right. */
function inColumns({ columns, rows }: ReturnType<typeof layout>): Drawing {
  const x = (node: Node) => 4 + node.column * (box.width + box.gapX);
  const middle = (node: Node) => 4 + node.row * (box.height + box.gapY) + box.height / 2;
  return {
    width: columns * (box.width + box.gapX) - box.gapX + 8,
    height: rows * (box.height + box.gapY) - box.gapY + 8,
    at: (node) => ({ x: x(node), y: middle(node) - heightOf(node) / 2 }),
    path: ({ through }) =>
      through.slice(1).reduce(
        (drawn, node, i) => {
          const from = through[i] ?? node;
          const [x1, x2] = [x(from) + box.width, x(node)];
          const bend = (x2 - x1) / 2;
          const on = node.service || node.event ? "" : ` H${x2 + box.width}`;
          return `${drawn} C${x1 + bend} ${middle(from)} ${x2 - bend} ${middle(node)} ${x2} ${middle(node)}${on}`;
        },
        `M${x(through[0] as Node) + box.width} ${middle(through[0] as Node)}`,
      ),
  };
}

/** From top to bottom, each below what leads to it, with the edges as arcs at the right. */
function inOneColumn({ nodes, edges }: ReturnType<typeof layout>): Drawing {
  const order: Node[] = [];
  const seen = new Set<Node>();
  const visit = (node: Node) => {
    if (seen.has(node)) return;
    seen.add(node);
    for (const { through } of edges) if (through[0] === node) visit(through.at(-1) as Node);
    order.unshift(node);
  };
  // The later one is visited, the higher up one is.
  for (const node of [...nodes].sort((a, b) => a.column - b.column || b.row - a.row)) visit(node);
  const tops = new Map<Node, number>();
  let height = 4;
  for (const node of order) {
    tops.set(node, height);
    height += heightOf(node) + 12;
  }
  const right = 4 + box.width;
  const middle = (node: Node) => (tops.get(node) ?? 0) + heightOf(node) / 2;
  const widest = 172;
  return {
    width: right + widest,
    height: height - 8,
    at: (node) => ({ x: 4, y: tops.get(node) ?? 0 }),
    path: ({ through }) => {
      const [from, to] = [middle(through[0] as Node), middle(through.at(-1) as Node)];
      // The control points of the curve are a third further out than the curve itself.
      const out = right + Math.min(widest * 1.3, 30 + Math.abs(to - from) * 0.4);
      return `M${right} ${from} C${out} ${from} ${out} ${to} ${right} ${to}`;
    },
  };
}

function Graph(props: { services: Service[] }) {
  const graph = layout(props.services);
  const { width, height, at, path } = useWide() ? inColumns(graph) : inOneColumn(graph);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: in a window that is too narrow one scrolls it, by keyboard too.
    <section class="graph" tabIndex={0} aria-label="The graph of the services, which the list below describes">
      <svg viewBox={`0 0 ${width} ${height}`} style={{ maxWidth: `${width}px` }} aria-hidden="true">
        <defs>
          <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
            <path d="M0 0.5 7.5 4 0 7.5Z" />
          </marker>
        </defs>
        {graph.edges.map((edge) => (
          <path
            key={edge.through.map(({ id }) => id).join(">")}
            class={edge.event ? "edge edge-event" : "edge"}
            d={path(edge)}
            marker-end="url(#arrow)"
          />
        ))}
        {graph.nodes.map((node) => {
          const { x, y } = at(node);
          if (node.service) return <ServiceBox key={node.id} service={node.service} x={x} y={y} />;
          return (
            <g key={node.id} class="node-event" transform={`translate(${x} ${y})`}>
              <rect width={box.width} height={box.event} rx={box.event / 2} />
              <text x={box.width / 2} y={21} text-anchor="middle">
                {node.event}
              </text>
            </g>
          );
        })}
      </svg>
    </section>
  );
}

function ServiceBox(props: { service: Service; x: number; y: number }) {
  const { service, x, y } = props;
  const state = stateOf(service);
  const n = requestsOf(service);
  const before = useRef(n);
  const [lit, setLit] = useState(0);
  useEffect(() => {
    if (n > before.current) setLit((now) => now + 1);
    before.current = n;
  }, [n]);
  const all = service.tasks.length;
  return (
    <g class={`node node-${state}`} transform={`translate(${x} ${y})`}>
      {lit > 0 && (
        <rect key={lit} class="node-lit" x={-4} y={-4} width={box.width + 8} height={box.height + 8} rx={14} />
      )}
      <rect width={box.width} height={box.height} rx={10} />
      <circle cx={16} cy={23} r={5} />
      <text class="node-name" x={27} y={28}>
        {service.name}
      </text>
      <text class="node-facts" x={12} y={48}>
        {state === "up"
          ? `${count(all, "task")}, ${count(n, "request")}`
          : `${healthy(service)} of ${count(all, "task")} healthy`}
      </text>
    </g>
  );
}
