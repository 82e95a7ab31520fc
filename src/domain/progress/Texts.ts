/** Numbers of a progress, short enough for a line that has little room. */

const units = ["bytes", "kB", "MB", "GB", "TB"]

/** `12.3 MB`: three digits or so, in powers of a thousand. */
export const sizeText = (bytes: number): string => {
  let value = bytes
  let unit = 0
  // What would be told as 1000 of a unit is 1.0 of the next.
  while (value >= (unit === 0 ? 1000 : 999.5) && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  const digits = unit === 0 || value >= 99.95 ? String(Math.round(value)) : value.toFixed(1)
  return `${digits} ${units[unit]}`
}

/** `18.4 of 80.0 MB`: both in one unit, of which the whole has ten at least, so that it is seen to grow. */
export const partText = (done: number, of: number | undefined): string => {
  if (of === undefined) return sizeText(done)
  let unit = 0
  while (of >= 10 * 1000 ** (unit + 1) && unit < units.length - 1) unit++
  const digits = unit === 0 || of >= 100 * 1000 ** unit ? 0 : 1
  // Cut, not rounded: only all is all.
  const text = (bytes: number): string => {
    const cut = Math.floor((bytes / 1000 ** unit) * 10 ** digits) / 10 ** digits
    return `${countText(Math.floor(cut))}${digits === 0 ? "" : cut.toFixed(1).slice(-2)}`
  }
  return `${text(done)} of ${text(of)} ${units[unit]}`
}

/** `1:35`, `2:01:35`; days from a hundred hours on. */
export const clockText = (seconds: number): string => {
  const whole = Math.ceil(seconds)
  const two = (value: number): string => String(value).padStart(2, "0")
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes}:${two(whole % 60)}`
  const hours = Math.floor(minutes / 60)
  return hours < 100 ? `${hours}:${two(minutes % 60)}:${two(whole % 60)}` : `${Math.round(hours / 24)} days`
}

/** `12,400`. Written out: the machine's language is none of a log's business. */
export const countText = (count: number): string => String(Math.round(count)).replace(/\B(?=(?:\d{3})+$)/g, ",")

/** Whole percent, rounded down: 100 is all. */
export const percentOf = (done: number, of: number): number =>
  of <= 0 ? 100 : Math.min(100, Math.floor((100 * done) / of))
