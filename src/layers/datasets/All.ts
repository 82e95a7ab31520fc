import type { DatasetDefinition, Opaque } from "../../domain/Component.ts"
import { Aesir } from "./Aesir.ts"
import { Airoboros } from "./Airoboros.ts"
import { AiTown } from "./AiTown.ts"
import { CharacterAi } from "./CharacterAi.ts"
import { Files } from "./Files.ts"
import { NoRobots } from "./NoRobots.ts"
import { OpenCai } from "./OpenCai.ts"
import { PygClaude } from "./PygClaude.ts"
import { RpForums } from "./RpForums.ts"
import { Teatime } from "./Teatime.ts"

/** The datasets of the package, sorted by name. */
export const datasets: ReadonlyArray<DatasetDefinition<Opaque>> = [
  Aesir,
  Airoboros,
  AiTown,
  CharacterAi,
  Files,
  NoRobots,
  OpenCai,
  PygClaude,
  RpForums,
  Teatime,
]
