import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { version } from '../package.json'
import { ROOT } from './command.ts'
import { TARGETS, type Target } from './targets.ts'

/** What goes along with the executable. */
const COMPANIONS = ['LICENSE', 'README.md', 'config.example.yaml'].filter((file) => existsSync(join(ROOT, file)))
/** Archives must not depend on when they were made; zip knows no time before 1980. */
const TIME = new Date('2000-01-01T00:00:00Z')
const TAR = ['--sort=name', '--mtime=2000-01-01 00:00Z', '--owner=0', '--group=0', '--numeric-owner']

/**
 * Packs `dist/<target>/` of every target into `dist/release/cliproxy_<version>_<os>_<arch>.tar.gz` (zip for Windows),
 * with `checksums.txt` beside them in the form that `sha256sum --check` reads. Needs GNU tar and zip.
 */
export async function writeArchives(dist: string): Promise<void> {
  const release = join(dist, 'release')
  rmSync(release, { recursive: true, force: true })
  mkdirSync(release, { recursive: true })
  const sums: string[] = []
  for (const target of TARGETS) {
    const name = writeArchive(join(dist, target.name), release, target)
    const bytes = await Bun.file(join(release, name)).bytes()
    sums.push(`${new Bun.CryptoHasher('sha256').update(bytes).digest('hex')}  ${name}\n`)
    console.log(`packed ${name} (${Math.round(bytes.length / 1e6)} MB)`)
  }
  writeFileSync(join(release, 'checksums.txt'), sums.join(''))
}

/** Gives the archive's file name. */
function writeArchive(folder: string, release: string, { name, executable }: Target): string {
  const isZip = name.startsWith('windows')
  const archive = `cliproxy_${version}_${name}${isZip ? '.zip' : '.tar.gz'}`
  const files = [executable, ...COMPANIONS].toSorted()
  for (const file of COMPANIONS) copyFileSync(join(ROOT, file), join(folder, file))
  for (const file of files) utimesSync(join(folder, file), TIME, TIME)
  const outfile = join(release, archive)
  const [command, args] = isZip ? ['zip', ['-q', '-X', outfile]] : ['tar', [...TAR, '-czf', outfile]]
  const { status, error } = spawnSync(command, [...args, ...files], {
    cwd: folder,
    stdio: 'inherit',
    env: { ...process.env, TZ: 'UTC' },
  })
  if (status === 0) return archive
  console.error(`${command} could not write ${archive}: ${error?.message ?? `it ended with ${status}`}`)
  process.exit(1)
}
