// Writing a file so that whoever looks finds the old one or the new one, whole, also after the power fails.
import { open, rename, unlink } from "node:fs/promises";
import { dirname } from "node:path";

let made = 0;

export async function writeDurably(path: string, data: Uint8Array | string): Promise<void> {
  made += 1;
  const temporary = `${path}.${process.pid}-${made}.tmp`;
  try {
    const file = await open(temporary, "w");
    try {
      await file.writeFile(data);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch((cause: NodeJS.ErrnoException) => {
      const { code } = error as NodeJS.ErrnoException;
      if (cause.code !== "ENOENT") throw Object.assign(new AggregateError([error, cause], `writing ${path}`), { code });
    });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** What was written durably gets another name, in place of what had it. */
export async function moveDurably(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncFolder(dirname(to));
}

/** A name is durable only when its folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
