import { connect } from 'node:net'
import { once } from 'node:events'

/** Sends bytes as they are and gives back what comes until the server closes, or until `isEnough`. */
export async function sendRaw(
  port: number,
  bytes: string | Uint8Array,
  isEnough: (text: string) => boolean = () => false,
): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(bytes)
  let text = ''
  return await new Promise((resolve) => {
    const finish = (): void => {
      socket.destroy()
      resolve(text)
    }
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (isEnough(text)) finish()
    })
    socket.on('close', finish)
    socket.on('error', finish)
  })
}
