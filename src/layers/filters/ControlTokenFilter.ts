import type { FilterDefinition } from "../../domain/Component.ts"
import type { Turn, TurnKind } from "../../domain/Conversation.ts"
import { evidence } from "../../domain/Rejection.ts"
import { commonTokens, compileRoleTokens } from "../../domain/RoleTokens.ts"
import { excerpt, phrasesOption, rolesOption, textAt } from "./Shared.ts"

interface Options {
  readonly roles: ReadonlyArray<TurnKind>
  readonly extra: ReadonlyArray<string>
  readonly removed: ReadonlyArray<string>
}

/** HTML strikes text through with a pair of what Llama 2 took for its begin and end of a text. */
const struckThrough = /<s>(?=[^<]{0,2000}<\/s>)|(?<=<s>[^<]{0,2000})<\/s>/g

/** Tokens that cannot be told apart from what stands around them, e.g. a single character. */
const isUsable = (token: string): boolean => token.length >= 3 && !/\s/.test(token)

/**
 * Drops episodes whose turns hold control tokens of chat templates: what a broken export has left in a text, or somebody
 * has typed to take over a role. `--role-tokens escape` makes such a text harmless, this filter does without it.
 */
export const ControlTokenFilter: FilterDefinition = {
  name: "ControlTokenFilter",
  description: "Drops episodes with control tokens of chat templates in their text",
  reasons: { controlToken: "a turn holds a control token" },
  options: {
    roles: rolesOption("user", "model").annotations({ description: "Whose turns are searched." }),
    extra: phrasesOption.annotations({
      description: "Tokens beside those of the common templates; letter case is ignored.",
    }),
    removed: phrasesOption.annotations({ description: "Tokens of the common templates that are left alone." }),
  },
  check: ({ extra, removed }: Options) => [
    ...extra
      .filter((token) => !isUsable(token))
      .map((token) => `extra: "${token}" is no token: one has three characters or more and no blanks`),
    ...removed
      .filter((token) => !commonTokens.includes(token))
      .map((token) => `removed: the common templates have no token "${token}"`),
  ],
  judge: ({ extra, removed, roles: kinds }: Options) => {
    const roles = new Set(kinds)
    const { find } = compileRoleTokens([...commonTokens, ...extra].filter((token) => !removed.includes(token)))
    return (episode) => {
      const { turns } = episode
      for (let i = 0; i < turns.length; i++) {
        if (!roles.has((turns[i] as Turn).kind)) continue
        const text = textAt(episode, i)
        let token = find(text)
        if (token === undefined) continue
        let searched = text
        if (text.includes("</s>")) {
          searched = text.replace(struckThrough, (found) => " ".repeat(found.length))
          token = find(searched)
          if (token === undefined) continue
        }
        const start = searched.indexOf(token)
        return {
          reason: "controlToken",
          detail: { token: evidence(token), turn: i + 1, text: excerpt(text, start, start + token.length) },
        }
      }
      return undefined
    }
  },
}
