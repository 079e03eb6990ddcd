/** One kind of load, after the shape of real use. */
export interface Scenario {
  readonly name: string
  readonly title: string
  /** Parameters of the mock upstream, see `upstream.ts`. */
  readonly upstream: string
  readonly stream: boolean
  readonly connections: number
  /** Length of the request's history, in characters. */
  readonly characters: number
  readonly tools: number
  /** The figures that say something here. */
  readonly figures: readonly FigureName[]
}

export type FigureName = 'request' | 'event' | 'first' | 'delay' | 'memory'

const SMALL = { characters: 300, tools: 0 }

/** In the order of the report. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'first',
    title: 'one client, one short stream after another',
    upstream: '/n=2/',
    stream: true,
    connections: 1,
    ...SMALL,
    figures: ['first'],
  },
  {
    name: 'unary',
    title: '32 connections, small requests without streaming',
    upstream: '/',
    stream: false,
    connections: 32,
    ...SMALL,
    figures: ['request'],
  },
  {
    name: 'paced',
    title: '50 streams, an event each 10 ms',
    upstream: '/n=400/gap=10/',
    stream: true,
    connections: 50,
    ...SMALL,
    figures: ['event', 'delay'],
  },
  {
    name: 'burst',
    title: '16 streams of 400 events in one write',
    upstream: '/n=400/',
    stream: true,
    connections: 16,
    ...SMALL,
    figures: ['event'],
  },
  {
    name: 'agent',
    title: '300 KB of history and 40 tools, an answer of 20 events',
    upstream: '/n=20/',
    stream: true,
    connections: 2,
    characters: 300_000,
    tools: 40,
    figures: ['request', 'first'],
  },
  {
    name: 'many',
    title: '1,000 open streams, an event each 500 ms',
    upstream: '/n=60/gap=500/',
    stream: true,
    connections: 1000,
    ...SMALL,
    figures: ['event', 'memory'],
  },
]
