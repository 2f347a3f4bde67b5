import { replacePlaces, settleConflicts, type Place, type Replaced } from '../core/presidio/conflicts.ts'
import { createPointText, type PointText } from '../core/presidio/points.ts'
import { anonymizers, BadParameter, check, deanonymizers, operate, type Operator } from './presidio-operators.ts'

/** Places of one request. */
export const maxPlaces = 20_000

type Json = Readonly<Record<string, unknown>>

/** `/anonymize`: replaces what an analysis found. Throws BadParameter with Presidio's own sentences. */
export function anonymize(body: Json): Replaced {
  const operators = operatorsOf(body['anonymizers'], { name: 'replace', parameters: {} })
  const { analyzer_results: results } = body
  if (!Array.isArray(results)) throw new BadParameter('Invalid input, request must contain analyzer results')
  const text = createPointText(textOf(body))
  const places = placesOf(results)
  for (const { score } of places)
    if (score === null) throw new BadParameter('Invalid input, analyzer result must contain score')
  return replaceAll(text, settleConflicts(places, text), { operators, known: anonymizers })
}

/** `/deanonymize`: undoes what can be undone, at the places that are named. Throws BadParameter. */
export function deanonymize(body: Json): Replaced {
  const operators = operatorsOf(body['deanonymizers'], null)
  const { anonymizer_results: results } = body
  const text = createPointText(textOf(body))
  const places = Array.isArray(results) ? placesOf(results).map((place) => ({ ...place, score: null })) : []
  return replaceAll(text, places, { operators, known: deanonymizers })
}

type Operators = (entity: string) => Operator

function replaceAll(
  text: PointText,
  places: readonly Place[],
  { operators, known }: { readonly operators: Operators; readonly known: readonly string[] },
): Replaced {
  for (const { start, end } of places) {
    if (start <= text.length && end <= text.length) continue
    const what = `start: ${start} and end: ${end}, while text length is only ${text.length}`
    throw new BadParameter(`Invalid analyzer result, ${what}.`)
  }
  return replacePlaces(text, places, (value, { type }) => {
    const operator = operators(type)
    return { text: operate(known, operator, { value, entity: type }), operator: operator.name }
  })
}

function operatorsOf(given: unknown, fallback: Operator | null): Operators {
  const operators = new Map<string, Operator>()
  for (const [entity, config] of Object.entries(isTree(given) ? given : {})) {
    const { type, ...parameters } = isTree(config) ? config : {}
    if (typeof type !== 'string' || type === '')
      throw new BadParameter('Invalid input, operator config must contain operator_name')
    operators.set(entity, { name: type, parameters })
  }
  return (entity) => {
    const operator = operators.get(entity) ?? operators.get('DEFAULT') ?? fallback
    if (operator !== null) return operator
    throw new BadParameter(`Invalid input, there is no operator for ${entity.slice(0, 100)}, nor a DEFAULT`)
  }
}

/** Its own operator `custom` runs a program of the caller's: nobody's here. */
export function hasCustomOperator(given: unknown): boolean {
  return isTree(given) && Object.values(given).some((config) => isTree(config) && config['type'] === 'custom')
}

function textOf({ text = '' }: Json): string {
  if (typeof text === 'string') return text
  throw new BadParameter('Invalid input, text must be a string')
}

function placesOf(results: readonly unknown[]): readonly Place[] {
  if (results.length > maxPlaces) throw new BadParameter(`Invalid input, more than ${maxPlaces} results`)
  return results.map((result) => {
    const { start, end, entity_type: type, score } = isTree(result) ? result : {}
    if (start === undefined || start === null) throw new BadParameter('Invalid input, result must contain start')
    check(start, 'start', 'number')
    if (end === undefined || end === null) throw new BadParameter('Invalid input, result must contain end')
    check(end, 'end', 'number')
    if (typeof type !== 'string' || type === '')
      throw new BadParameter('Invalid input, result must contain entity_type')
    const [from, to] = [Number(start), Number(end)]
    if (from < 0 || to < 0) throw new BadParameter('Invalid input, result start and end must be positive')
    if (from > to) throw new BadParameter(`Invalid input, start index '${from}' must be smaller than end index '${to}'`)
    return { start: from, end: to, type, score: typeof score === 'number' ? score : null }
  })
}

function isTree(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
