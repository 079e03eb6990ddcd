/** One platform that a release serves. */
export interface Target {
  /** As in the archive's name and in `--target`. */
  readonly name: string
  /** Bun's word for it. @see https://bun.com/docs/bundler/executables#cross-compile-to-other-platforms */
  readonly bun: Bun.Build.CompileTarget
  /** File name of the executable. */
  readonly executable: string
}

/** Every platform that a release serves. */
export const TARGETS: readonly Target[] = [
  { name: 'linux_amd64', bun: 'bun-linux-x64', executable: 'cliproxy' },
  { name: 'linux_arm64', bun: 'bun-linux-arm64', executable: 'cliproxy' },
  { name: 'linux_amd64_musl', bun: 'bun-linux-x64-musl', executable: 'cliproxy' },
  { name: 'linux_arm64_musl', bun: 'bun-linux-arm64-musl', executable: 'cliproxy' },
  { name: 'darwin_amd64', bun: 'bun-darwin-x64', executable: 'cliproxy' },
  { name: 'darwin_arm64', bun: 'bun-darwin-arm64', executable: 'cliproxy' },
  { name: 'windows_amd64', bun: 'bun-windows-x64', executable: 'cliproxy.exe' },
  { name: 'windows_arm64', bun: 'bun-windows-arm64', executable: 'cliproxy.exe' },
]
