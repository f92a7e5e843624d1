// Read-only mappings of whole files as Buffers: pages are read when first touched, and unmapped with the last
// reference.
#pragma once
#include <string>
#include <unordered_map>

#include "tensor/buffer.h"

namespace sardonyx {

// Maps a regular file of any size. kFile if it is missing, unreadable, a directory, a device, a pipe or a socket.
// While a mapping of the same unchanged file lives in the process, that one is returned. Thread-safe.
Result<BufferPtr> map_file(const std::string& path, bool may_be_link = true);

// Writes a file from its beginning, through a temporary name: close() puts it in place, so that a failure leaves what
// was there and a mapping of the old contents stays valid.
class FileWriter {
 public:
  static Result<FileWriter> open(const std::string& path);
  FileWriter(FileWriter&& o) noexcept;
  FileWriter& operator=(FileWriter&&) = delete;
  ~FileWriter();
  Status write(std::string_view bytes);
  Status pad_to(size_t offset);  // with zeros
  Status close();

 private:
  FileWriter(std::string path, std::string temporary, int fd)
      : path_(std::move(path)), temporary_(std::move(temporary)), fd_(fd) {}
  std::string path_, temporary_;
  int fd_;
  size_t size_ = 0;
};

// Maps the external data files of one model by the names the model gives them. A name must be relative, must not step
// upwards, and what it leads to, all symbolic links followed, must lie in the model's folder (or beside the file that
// the model's own path links to, as in download caches). Each file is mapped once.
class ExternalFiles {
 public:
  // `model_path` may be empty (a model from memory): then nothing outside `held` is found unless `folder` says where to
  // look.
  ExternalFiles(std::string folder, std::string model_path)
      : folder_(std::move(folder)), model_path_(std::move(model_path)) {}
  // A file that the caller holds in memory, found before those on disk.
  void hold(std::string name, BufferPtr bytes) { files_[std::move(name)] = std::move(bytes); }
  void forbid() { forbidden_ = true; }
  Result<BufferPtr> get(std::string_view name);

 private:
  Result<BufferPtr> open(const std::string& name) const;

  std::string folder_, model_path_;
  bool forbidden_ = false;
  std::unordered_map<std::string, BufferPtr> files_;
};

}  // namespace sardonyx
