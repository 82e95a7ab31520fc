/**
 * The record path: from the bytes of a slice to encoded rows, one plain synchronous function per record. The same in
 * process and in a worker.
 */
import type {
  DatasetDefinition,
  Drop,
  EpisodeDraft,
  FilterDefinition,
  FormatDefinition,
  Judge,
  PromptSource,
  RecordContext,
  SliceInput,
  TaskDefinition,
  Opaque,
} from "./Component.ts"
import { type Episode, isTrained, type TrainingExample, type Turn } from "./Conversation.ts"
import type { Job } from "./Job.ts"
import { type FilterFile, readFilterFile } from "./FilterFiles.ts"
import { openFormat } from "./Format.ts"
import { type Fitted, fitLength } from "./Length.ts"
import { loadPool, makePool, promptSource } from "./prompts/Pool.ts"
import { fillHints, lengthHint, longestHints, styleHint } from "./prompts/Hints.ts"
import type { PromptPart } from "./prompts/Prompt.ts"
import type { Place } from "./Record.ts"
import * as RecordRandom from "./RecordRandom.ts"
import { evidence, type Rejection, type Stage } from "./Rejection.ts"
import { add, emptyCounts } from "./Report.ts"
import { compileRoleTokens, removeFrame } from "./RoleTokens.ts"
import { type Invalid, shape } from "./Shape.ts"
import { makeSliceWriter, type Told } from "./SliceResult.ts"
import { type AnonymizeKind, compileAnonymizer } from "./text/Anonymize.ts"
import { type AimInvalid, compileTarget } from "./Target.ts"
import { compileClean } from "./text/Clean.ts"
import type { Tokenizer } from "./tokens/Coder.ts"
import type { TokenizerFile } from "./Tokens.ts"
import { causeText } from "./Cause.ts"
import { NotLoaded } from "./NotLoaded.ts"

/** The components that a job names, by value. */
export interface Parts {
  readonly task: TaskDefinition
  readonly dataset: DatasetDefinition<Opaque>
  readonly filters: ReadonlyArray<FilterDefinition>
  readonly format: FormatDefinition
  /** Loads the tokenizer that the job names, where tokens are counted. */
  readonly loadTokenizer: (name: string, file?: TokenizerFile) => Promise<Tokenizer>
}

/**
 * Runs a slice; `limit` is the number of records it may take. Throws `NotLoaded` where a filter needs a model first
 * (`loadAndRun`).
 */
export type RunSlice = (input: SliceInput, limit?: number) => Uint8Array

/** Slices run one at a time in a thread: they share what they are written with. */
const writer = makeSliceWriter()

const controls = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g

/** Loads what the parts need (models, ranks) and compiles the record function of a job. */
export const compile = async (job: Job, parts: Parts): Promise<RunSlice> => {
  for (const filter of parts.filters) await filter.load?.()
  const files = await Promise.all(
    job.task.filters.map((filter) => Promise.all((filter.files ?? []).map(readFilterFile))),
  )
  const { countTokens, tokenizer, tokenizerFile } = job.run
  const needsTokenizer = countTokens || parts.format.needs?.includes("tokenizer") === true
  const loaded = needsTokenizer ? await parts.loadTokenizer(tokenizer, tokenizerFile) : undefined
  return compileWith(job, parts, loaded, files)
}

const compileWith = (
  job: Job,
  parts: Parts,
  loaded: Tokenizer | undefined,
  files: ReadonlyArray<ReadonlyArray<FilterFile>>,
): RunSlice => {
  const { run, task } = job
  const counter = run.countTokens ? loaded?.count : undefined
  const countRendered = run.countTokens ? loaded?.rendered.count : undefined
  const sources = new Map<string, PromptSource>()
  const custom = task.customPrompts === undefined ? undefined : promptSource(makePool(task.customPrompts))
  const prompts = (pool: string): PromptSource => {
    if (custom !== undefined) return custom
    let source = sources.get(pool)
    if (source === undefined) {
      source = promptSource(loadPool(pool))
      sources.set(pool, source)
    }
    return source
  }
  const opened = parts.task.open({
    options: task.options,
    clean: compileClean(task.clean),
    names: task.names,
    anonymize: new Set<AnonymizeKind>(task.anonymize),
    prompts,
    hasCustomPrompts: custom !== undefined,
  })
  const read = parts.dataset.open({ options: task.options, side: job.side, maxRecordBytes: run.maxRecordBytes })
  const judges: Array<{ name: string; judge: Judge }> = []
  const printers: Array<(episode: Episode) => Uint8Array> = []
  parts.filters.forEach((filter, i) => {
    const options = task.filters[i]?.options
    if (filter.judge !== undefined) judges.push({ name: filter.name, judge: filter.judge(options, files[i] ?? []) })
    if (filter.memory !== undefined) printers.push(filter.memory.fingerprint(options))
  })
  const format = openFormat(parts.format, { template: run.template, tokenizer: loaded })
  const aim = compileTarget(task.target ?? {}, format, run.seed)
  // A reply that was not chosen stands for the last one: neither can be in another place.
  const lengthMode = format.takes.alternatives ? "drop" : run.lengthMode
  const anonymizerFor = task.anonymize === undefined ? undefined : compileAnonymizer(task.anonymize)
  const guard = compileRoleTokens(run.roleTokens === "keep" ? [] : format.roleTokens)
  const repeated = new Set(task.repeatedNames)
  /** The folder that tells a record's file from another of its name. */
  const folderOf = ({ file }: Place): string | undefined => {
    if (repeated.size === 0) return undefined
    const [folder, name] = file.split("/").slice(-2)
    return name !== undefined && repeated.has(name) ? folder : undefined
  }
  /** Tokens that were escaped in the texts of an episode. */
  let escaped = 0
  const escape = (text: string): string => {
    const result = guard.escape(text)
    escaped += result.count
    return result.text
  }
  const shareLimit = Math.floor(task.share * 4294967296)
  // Only a length needs them: an uncounted run does not read their lists.
  const longest = counter === undefined ? { style: "", length: "" } : longestHints()

  return (input, limit = Number.POSITIVE_INFINITY) => {
    const counts = emptyCounts(counter !== undefined)
    const rejections: Array<Told> = []
    const { rows } = writer
    let records = 0
    writer.begin(printers.length)

    const reject = (line: Rejection): void => {
      rejections.push({ before: writer.kept(), line })
    }
    const take = (): boolean => {
      if (records >= limit) return false
      records++
      counts.records.read++
      return true
    }

    /** A filter or format that throws on an episode (a plug-in's, say) must not end the run. */
    const finish = (draft: EpisodeDraft, id: string, place: Place, notes: Array<Rejection>): void => {
      counts.episodes.made++
      const stage: { now: Stage } = { now: "shape" }
      const before = rows.length
      try {
        decide(draft, id, place, notes, stage)
      } catch (cause) {
        if (cause instanceof NotLoaded) throw cause
        rows.cut(before)
        add(counts.episodes.invalid, "failed")
        reject({ scope: "episode", stage: stage.now, reason: "failed", place, id, detail: evidence(causeText(cause)) })
      }
    }

    const decide = (
      draft: EpisodeDraft,
      id: string,
      place: Place,
      notes: Array<Rejection>,
      stage: { now: Stage },
    ): void => {
      const shaped = shape(id, run.roleTokens === "escape" ? unframe(draft) : draft)
      if (typeof shaped === "string") {
        const reason: Invalid = shaped
        add(counts.episodes.invalid, reason)
        reject({ scope: "episode", stage: "shape", reason, place, id, detail: shapeDetail(draft) })
        return
      }
      let { episode } = shaped
      const turnsMade = countTurns(episode.turns) + shaped.trailing
      counts.turns.made += turnsMade
      if (
        task.share < 1 &&
        RecordRandom.make(RecordRandom.key(run.seed, "share", id)).next() * 4294967296 >= shareLimit
      ) {
        counts.episodes.sampledOut++
        reject({ scope: "episode", stage: "mix", reason: "sampledOut", place, id })
        return
      }
      stage.now = "filter"
      for (const { judge, name } of judges) {
        const drop: Drop | undefined = judge(episode)
        if (drop !== undefined) {
          add(counts.episodes.dropped, name)
          const { detail, reason: rule } = drop
          const told = typeof detail === "string" ? { rule, text: detail } : { rule, ...detail }
          reject({ scope: "episode", stage: "filter", reason: name, place, id, detail: told })
          return
        }
      }
      const own = printers.length === 0 ? noPrints : printers.map((printer) => printer(episode))
      stage.now = "format"
      if (run.roleTokens === "drop") {
        const token = findToken(guard.find, episode)
        if (token !== undefined) {
          add(counts.episodes.invalid, "roleToken")
          reject({ scope: "episode", stage: "format", reason: "roleToken", place, id, detail: token })
          return
        }
      } else if (run.roleTokens === "escape") {
        escaped = 0
        episode = mapTexts(episode, escape)
        if (escaped > 0) add(counts.repairs, "roleTokensEscaped", escaped)
      }
      const aimed = aim(episode, (rule) => add(counts.repairs, rule))
      if (typeof aimed === "string") {
        const reason: AimInvalid = aimed
        add(counts.episodes.invalid, reason)
        reject({ scope: "episode", stage: "format", reason, place, id })
        return
      }
      const fitted = fit(aimed.episode, id)
      if (fitted.examples.length === 0) {
        counts.episodes.tooLarge++
        reject({
          scope: "episode",
          stage: "length",
          reason: "tooLarge",
          place,
          id,
          detail: { tokens: fitted.tokens, limit: run.maxLength ?? -1 },
        })
        return
      }
      const encoded: Array<object> = []
      for (const example of fitted.examples) encoded.push(...format.encode(example, run))
      if (encoded.length === 0) {
        add(counts.episodes.invalid, "notEncodable")
        reject({ scope: "episode", stage: "format", reason: "notEncodable", place, id })
        return
      }
      for (const row of encoded) {
        // Rows of an array begin with what parts them: the first one loses it when it is written.
        if (format.container === "array") rows.text(",\n")
        rows.json(row)
        if (format.container !== "array") rows.byte(newline)
      }
      // What the task left out is told with the first episode that is kept, never for one that is not written.
      if (notes.length > 0) for (const note of notes.splice(0)) reject({ ...note, id })
      let cut = 0
      if (shaped.trailing > 0) {
        cut += shaped.trailing
        reject({
          scope: "turns",
          stage: "shape",
          reason: "trailingTurns",
          place,
          id,
          detail: { turns: shaped.trailing },
        })
      }
      if (aimed.untrained > 0) {
        cut += aimed.untrained
        reject({
          scope: "turns",
          stage: "format",
          reason: "notTrained",
          place,
          id,
          detail: { turns: aimed.untrained },
        })
      }
      for (const part of fitted.cut) {
        cut += part.to - part.from
        reject({
          scope: "turns",
          stage: "length",
          reason: part.reason,
          place,
          id,
          detail: { turns: part.to - part.from, first: part.from },
        })
      }
      let turns = 0
      for (const example of fitted.examples) turns += countTurns(example.turns)
      writer.keep({ id, place, examples: encoded.length, turns, cut, tokens: fitted.tokens }, own)
    }

    /** Marks of begin and end around a text are no part of it: what has them is as good without. */
    const unframe = (draft: EpisodeDraft): EpisodeDraft => {
      let removed = 0
      const turns = draft.turns.map((turn) => {
        const { count, text } = removeFrame(turn.text)
        removed += count
        return count === 0 ? turn : { ...turn, text }
      })
      if (removed === 0) return draft
      add(counts.repairs, "endMarksRemoved", removed)
      return { ...draft, turns }
    }

    /** Replaces what tells who somebody is, in the drafts of a record and in its identifier. */
    const anonymise = (
      drafts: ReadonlyArray<EpisodeDraft>,
      id: string,
    ): { readonly drafts: ReadonlyArray<EpisodeDraft>; readonly id: string } => {
      if (anonymizerFor === undefined) return { drafts, id }
      const { identifier, replaced, speaker, text } = anonymizerFor(
        [...new Set(drafts.flatMap(peopleOf))],
        drafts.flatMap(({ alternatives = [], turns }) => [...turns.map((turn) => turn.text), ...alternatives]),
      )
      const changed = drafts.map(({ alternatives, prompt, turns, ...draft }): EpisodeDraft => {
        const made = turns.map((turn) => ({
          ...turn,
          text: text(turn.text),
          ...(turn.name === undefined ? {} : { name: speaker(turn.name) }),
        }))
        const parts = prompt?.map((part) => (typeof part === "string" ? text(part) : part))
        const others = alternatives === undefined ? {} : { alternatives: alternatives.map((other) => text(other)) }
        return { ...draft, ...others, turns: made, ...(parts === undefined ? {} : { prompt: parts }) }
      })
      for (const [kind, count] of Object.entries(replaced)) add(counts.repairs, `${kind}Replaced`, count)
      return { drafts: changed, id: task.prefix + identifier(id.slice(task.prefix.length)) }
    }

    /** The stretches of an episode that are written, with all hints filled. */
    const fit = (
      episode: Episode,
      id: string,
    ): { examples: ReadonlyArray<TrainingExample>; cut: Fitted["cut"]; tokens: number } => {
      const { prompt, turns } = episode
      const whole = example(episode, turns, id, 0)
      if (counter === undefined && lengthMode !== "turns") return { examples: [whole], cut: [], tokens: 0 }
      const count = (turn: Turn): number => (counter === undefined ? 0 : counter(format.lengthText(turn)))
      const systemText = prompt === undefined ? undefined : fillHints(prompt, longest)
      const rough: ReadonlyArray<Turn> =
        systemText === undefined ? turns : [{ ...(turns[0] as Turn), text: systemText }, ...turns.slice(1)]
      let tokensOf = rough.map(count)
      const sum = tokensOf.reduce((all, tokens) => all + tokens, 0)
      const limit = run.maxLength ?? Number.POSITIVE_INFINITY
      const hasOpen = prompt !== undefined && hasHints(prompt)
      /** Tokens of what is made of a stretch, of which `planned` were expected. */
      const tokensIn = (made: TrainingExample, planned: number): number => {
        if (format.tokens !== undefined && countRendered !== undefined) return format.tokens(made, countRendered)
        const longer = (made.alternatives ?? []).map((text) => count({ kind: "model", text }))
        const more = Math.max(0, ...longer) - (longer.length === 0 ? 0 : (tokensOf[tokensOf.length - 1] as number))
        const filled = hasOpen ? count(made.turns[0] as Turn) - (tokensOf[0] as number) : 0
        return planned + filled + Math.max(0, more)
      }
      if (format.tokens !== undefined && countRendered !== undefined) {
        // What a template adds is known of the whole only; it is shared out to begin with, and checked below.
        const actual = tokensIn(whole, sum)
        if (actual <= limit && lengthMode !== "turns") return { examples: [whole], cut: [], tokens: actual }
        const more = Math.max(0, Math.ceil((actual - sum) / turns.length))
        tokensOf = tokensOf.map((tokens) => tokens + more)
      }
      // Counted with the longest hint, then filled, then checked once more: a tokenizer may find a shorter hint longer.
      let spare = 0
      for (let round = 0; round < maxRounds; round++) {
        const { cut, spans } = fitLength(rough, tokensOf, limit - spare, lengthMode)
        let total = 0
        let over = 0
        const examples = spans.map((span, i): TrainingExample => {
          const head = turns[0]?.kind === "system" ? [turns[0]] : []
          const own = [...head, ...turns.slice(span.from, span.to)]
          const made = example(
            episode,
            lengthMode === "turns" ? onlyLast(own) : own,
            spans.length > 1 ? `${id}#${i}` : id,
            i,
          )
          const tokens = tokensIn(made, span.tokens)
          over = Math.max(over, tokens - limit)
          total += tokens
          return made
        })
        if (over <= 0) return { examples, cut, tokens: examples.length === 0 ? sum : total }
        spare += over
      }
      return { examples: [], cut: [], tokens: sum }
    }

    /** One example a turn: those before it have an example of their own, and are not trained again. */
    const onlyLast = (turns: ReadonlyArray<Turn>): ReadonlyArray<Turn> =>
      format.loss === "turns"
        ? turns.map((turn, i) => (i < turns.length - 1 && isTrained(turn) ? { ...turn, weight: 0 } : turn))
        : turns

    /** A hint may turn out empty: then what stands around it is one text, and is guarded as one. */
    const hinted = (prompt: ReadonlyArray<PromptPart>, reply: string, id: string, part: number): string => {
      const random = RecordRandom.make(RecordRandom.key(run.seed, `${task.key}/hints/${part}`, id))
      return guard.escape(fillHints(prompt, { style: styleHint(reply, random), length: lengthHint(reply, random) }))
        .text
    }

    /** Fills the hints from the last model turn of the stretch. */
    const example = (episode: Episode, turns: ReadonlyArray<Turn>, id: string, part: number): TrainingExample => {
      const { alternatives } = episode
      const isWhole = alternatives !== undefined && turns[turns.length - 1] === episode.turns[episode.turns.length - 1]
      const more = isWhole ? { alternatives } : {}
      if (episode.prompt === undefined) return { id, turns, ...more }
      const text = hasHints(episode.prompt)
        ? hinted(episode.prompt, (turns[turns.length - 1] as Turn).text, episode.id, part)
        : fillHints(episode.prompt, { style: "", length: "" })
      const head = turns[0] as Turn
      return { id, turns: text.trim() === "" ? turns.slice(1) : [{ ...head, text }, ...turns.slice(1)], ...more }
    }

    read(input, {
      record: (record, place, index) => {
        if (!take()) return
        let drafts: ReadonlyArray<EpisodeDraft>
        const notes: Array<Rejection> = []
        let id = ""
        try {
          const unit = task.severalFiles ? `${place.file}-${index}` : String(index)
          id = `${task.prefix}-${opened.id(record, unit, folderOf(place))}`.replace(controls, " ").toWellFormed()
          if (run.roleTokens !== "keep") id = guard.escape(id).text
          const context: RecordContext = {
            id,
            place,
            random: RecordRandom.make(RecordRandom.key(run.seed, task.key, id)),
            repaired: (rule, count = 1) => add(counts.repairs, rule, count),
            cut: (reason, turns, detail) => {
              const told =
                detail === undefined
                  ? { turns }
                  : typeof detail === "string"
                    ? { turns, text: detail }
                    : { ...detail, turns }
              notes.push({ scope: "turns", stage: "task", reason, place, detail: told })
            },
          }
          const result = opened.episodes(record, context)
          if ("skip" in result) {
            if (result.bad === true) counts.records.bad++
            else add(counts.records.skipped, result.skip)
            // Nobody is known by name here.
            const hide = anonymizerFor?.([])
            const shown = hide === undefined ? id : task.prefix + hide.identifier(id.slice(task.prefix.length))
            const detail =
              typeof result.detail === "string" ? (hide?.text(result.detail) ?? result.detail) : result.detail
            reject({
              scope: "record",
              stage: "task",
              reason: result.skip,
              place,
              id: shown,
              ...(detail === undefined ? {} : { detail }),
            })
            return
          }
          const made = Array.isArray(result) ? (result as ReadonlyArray<EpisodeDraft>) : [result as EpisodeDraft]
          ;({ drafts, id } = anonymise(made, id))
          if (drafts.length === 0) {
            add(counts.records.skipped, "noEpisode")
            reject({ scope: "record", stage: "task", reason: "noEpisode", place, id })
            return
          }
        } catch (cause) {
          // A task that throws on a record (a plug-in, say) must not end the run.
          counts.records.bad++
          reject({ scope: "record", stage: "task", reason: "TaskFailed", place, detail: evidence(causeText(cause)) })
          return
        }
        counts.records.used++
        drafts.forEach((draft, i) => finish(draft, drafts.length === 1 ? id : `${id}/${i}`, place, notes))
      },
      bad: (reason, place, detail) => {
        if (!take()) return
        counts.records.bad++
        reject({ scope: "record", stage: "read", reason, place, ...(detail === undefined ? {} : { detail }) })
      },
      skip: (reason, place, detail) => {
        if (!take()) return
        add(counts.records.skipped, reason)
        reject({ scope: "record", stage: "read", reason, place, ...(detail === undefined ? {} : { detail }) })
      },
      note: (reason, place, detail) => {
        if (records >= limit) return
        reject({ scope: "turns", stage: "read", reason, place, ...(detail === undefined ? {} : { detail }) })
      },
      blankLines: (count) => {
        if (records < limit) counts.records.blankLines += count
      },
      repaired: (rule, count) => {
        if (count > 0 && records < limit) add(counts.repairs, rule, count)
      },
    })
    return writer.finish({ counts, rejections, records })
  }
}

/** What there was of each kind, where no episode could be made of it. */
const shapeDetail = ({ turns }: EpisodeDraft): { readonly user: number; readonly model: number } => {
  const count = (kind: Turn["kind"]): number =>
    turns.filter((turn) => turn.kind === kind && turn.text.trim() !== "").length
  return { user: count("user"), model: count("model") }
}

const newline = 0x0a

const noPrints: ReadonlyArray<Uint8Array> = []

const countTurns = (turns: ReadonlyArray<Turn>): number =>
  turns[0]?.kind === "system" ? turns.length - 1 : turns.length

/** Who wrote a draft; by default, whose turns are the user's. */
const peopleOf = ({ people, turns }: EpisodeDraft): ReadonlyArray<string> =>
  people ?? turns.flatMap(({ kind, name }) => (kind === "user" && name !== undefined ? [name] : []))

/** Times that a stretch is made shorter until it is within the limit. */
const maxRounds = 8

const hasHints = (parts: ReadonlyArray<PromptPart>): boolean => parts.some((part) => typeof part !== "string")

const mapTexts = (episode: Episode, change: (text: string) => string): Episode => {
  let isChanged = false
  const changed = (text: string): string => {
    const after = change(text)
    if (after !== text) isChanged = true
    return after
  }
  const turns = episode.turns.map((turn) => {
    const text = changed(turn.text)
    // The package's formats write no names; a plug-in's may.
    const name = turn.name === undefined ? undefined : changed(turn.name)
    if (text === turn.text && name === turn.name) return turn
    return name === undefined ? { ...turn, text } : { ...turn, text, name }
  })
  const alternatives = episode.alternatives?.map(changed)
  const prompt = episode.prompt?.map((part) => (typeof part === "string" ? changed(part) : part))
  if (!isChanged) return episode
  return {
    ...episode,
    turns,
    ...(alternatives === undefined ? {} : { alternatives }),
    ...(prompt === undefined ? {} : { prompt }),
  }
}

const findToken = (find: (text: string) => string | undefined, episode: Episode): string | undefined => {
  const { alternatives = [], prompt = [], turns } = episode
  const texts = [
    ...turns.flatMap(({ name, text }) => (name === undefined ? [text] : [text, name])),
    ...alternatives,
    ...prompt.filter((part) => typeof part === "string"),
    // A hint may turn out empty: then what stands around it is one text.
    fillHints(prompt, { style: "", length: "" }),
  ]
  for (const text of texts) {
    const token = find(text)
    if (token !== undefined) return token
  }
  return undefined
}
